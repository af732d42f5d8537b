-- Tasks: functions that may wait. A handler that has to wait starts one.
local declaration = require "engine.scene.declaration"

local task = {}

local waits = setmetatable({}, { __mode = "k" }) -- By coroutine: the function that lets it wait.

local function check(ok, err)
  if not ok then error(err, 3) end
end

local function resume(co, ...)
  script.enter(co)
  local ok, err = coroutine.resume(co, ...)
  if not ok then script.fault("task", debug.traceback(co, tostring(err))) end
end

-- How a plain task waits: `begin(finish)` arranges for `finish(...)` to be called, and returns what
-- calls that off.
local function wait_in_task(_, begin)
  local co = coroutine.running()
  local results, call_off, yielded
  local function finish(...)
    if results then return end
    results = { n = select("#", ...), ... }
    if not yielded then return end
    if call_off then call_off() end
    resume(co, ...)
  end
  call_off = begin(finish)
  if results then
    if call_off then call_off() end
    return unpack(results, 1, results.n)
  end
  yielded = true
  return coroutine.yield()
end

-- For libraries that run coroutines of their own, such as stories: how `co` waits.
function task.adopt(co, wait) waits[co] = wait end

-- Whether the code that runs now may wait.
function task.can_wait()
  local co = coroutine.running()
  return co ~= nil and waits[co] ~= nil
end

-- Lets the task or story that runs wait for what `begin(finish, again)` arranges. `options`:
-- `timeout` in seconds and `key`, which names the wait, for stories that can be resumed.
function task.await(what, begin, options)
  if not task.can_wait() then
    error(what .. ": only a task or a story can wait", 2)
  end
  return waits[coroutine.running()](what, begin, options or {})
end

-- Runs `fn(...)` as a task: at once, or in the main chunk when that has been loaded.
function task.start(fn, ...)
  if type(fn) ~= "function" then
    error(("task.start: function expected, got %s"):format(type(fn)), 2)
  end
  local co = coroutine.create(fn)
  waits[co] = wait_in_task
  if not script.loading() then return resume(co, ...) end
  local arguments, n = { ... }, select("#", ...)
  timer.after(0, function() resume(co, unpack(arguments, 1, n)) end)
end

function task.wait(seconds)
  check(pcall(declaration.check_seconds, "task.wait", seconds))
  if not task.can_wait() then error("task.wait waits: call it in a task or a story", 2) end
  task.await("the end of a wait", function(finish)
    local alarm = timer.after(seconds, finish)
    return function() alarm:cancel() end
  end, { timeout = seconds, key = "wait" })
end

return task
