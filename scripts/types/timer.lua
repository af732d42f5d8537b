---@meta

---Time. All times are seconds and may have fractions. In tests and replays the clock is virtual.
timer = {}

---A timer with a name is carried on when the script is saved, if the new version's main chunk makes
---one of that name: a one-shot counts from where it began and does not fire again if it has fired,
---`every` keeps its beat; the new function is called. Without a name it begins anew.
---@class engine.TimerOptions
---@field name? string A second timer of the same name raises, as long as the first has yet to fire.

---Calls `fn` once, after `seconds` (0 to 1e9). Raises on anything else.
---@param seconds number
---@param fn fun()
---@param options? engine.TimerOptions
---@return engine.Handle
function timer.after(seconds, fn, options) end

---Calls `fn` every `seconds` (at least 0.001, at most 1e9), without drift. Raises on anything else.
---
---```lua
---local blinking = timer.every(0.5, toggle)
---timer.after(10, function() blinking:cancel() end)
---```
---@param seconds number
---@param fn fun()
---@param options? engine.TimerOptions
---@return engine.Handle
function timer.every(seconds, fn, options) end

---Calls `fn` each day at a time of day, local time. Follows the clock when it is set. Raises on
---what is no time of day.
---@param time string `"18:00"` or `"18:00:30"`
---@param fn fun()
---@param options? engine.TimerOptions
---@return engine.Handle
function timer.at(time, fn, options) end

---@return number seconds From some moment on, never going back: for differences only.
function timer.now() end

---The time of day as others count it, with its fraction: for what is published and stored.
---@return number seconds Since 1970-01-01, UTC. Jumps when the clock is set.
function timer.wall() end
