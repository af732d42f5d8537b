---@meta engine.task

---Tasks: functions that may wait. A handler cannot wait, because the next message could not be
---handled meanwhile; it starts a task, which goes on beside it. A task ends with its script: what
---it waits for when the script is saved is dropped (a story is played to its end).
local task = {}

---Runs `fn(...)` as a task: until it first waits at once, or, in the main chunk, when that has been
---loaded. An error in it is a fault of the script.
---
---```lua
---local task = require "engine.task"
---
---mqtt.subscribe("room1/button1", function()
---  task.start(function()
---    local reply, err = mqtt.request("room1/door/state", "?", { timeout = 2 })
---    if not reply then return log.warn("the door does not answer: %s", err) end
---    task.wait(1)
---    mqtt.publish("room1/light", reply.payload == "open" and "ON" or "OFF")
---  end)
---end)
---```
---@param fn function
---@param ... any
function task.start(fn, ...) end

---Waits. Raises outside of tasks and stories.
---@param seconds number
function task.wait(seconds) end

---@return boolean can_wait Whether the code that runs now is part of a task or a story.
function task.can_wait() end

---@class engine.AwaitOptions
---@field timeout? number Seconds after which `begin` will give up, for those who look on.
---Names the wait, in stories that can be resumed: then `begin` may be called once more, with
---`again`, after a power cut.
---@field key? string

---For libraries: lets the task or story that runs wait until `finish(...)` is called, and returns
---what it was given. `begin` arranges for that and returns what calls it off; `finish` may be
---called at once, and more than once.
---
---Raises outside of tasks and stories.
---@param what string What is waited for, for people.
---@param begin fun(finish: fun(...: any), again?: boolean): fun()?
---@param options? engine.AwaitOptions
---@return any ...
function task.await(what, begin, options) end

---For libraries that run coroutines of their own: how `co` waits; called as `task.await` is.
---@param co thread
---@param wait fun(what: string, begin: function, options: engine.AwaitOptions): any
function task.adopt(co, wait) end

return task
