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

---Calls `fn` every `seconds` (at least 0.001), without drift.
---@param seconds number
---@param fn fun()
---@param options? engine.TimerOptions
---@return engine.Handle
function timer.every(seconds, fn, options) end

---Calls `fn` each day at a time of day, local time. Follows the clock when it is set.
---@param time string `"18:00"` or `"18:00:30"`
---@param fn fun()
---@param options? engine.TimerOptions
---@return engine.Handle
function timer.at(time, fn, options) end

---@return number seconds From some moment on, never going back: for differences only.
function timer.now() end
