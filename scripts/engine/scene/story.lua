-- Plays a story: a function that waits, listens and decides, as coroutines.
local declaration = require "engine.scene.declaration"
local Performance = require "engine.scene.performance"
local waits = require "engine.scene.waits"

local Story = Performance.extend()

function Story.new(scene, handle)
  local self = Performance.create(Story, scene, handle)
  self.branches = 0 -- Coroutines that have not ended.
  self.waits = {} -- What they wait for.
  return self
end

function Story:start()
  script.enter(self.definition.story)
  self:branch(function() return self.definition.story(self.teller) end)
  self:end_if_over()
end

-- Runs `fn` as a coroutine; `done` is called when it has ended. An error ends the story.
function Story:branch(fn, done)
  self.branches = self.branches + 1
  self.teller = self.teller or setmetatable({ story = self }, waits.Teller)
  local co
  co = coroutine.create(function()
    fn()
    self.branches = self.branches - 1
    if done then done() end
  end)
  self:continue(co)
end

-- What a scene that is run as part of this one has for its end comes before our own.
function Story:also_on_stop(definition)
  for index, entry in ipairs(definition.on_stop) do
    table.insert(self.more_on_stop, index, entry)
  end
  self.handle:protect(declaration.safety_cues { on_stop = self:all_on_stop() })
end

-- Gives a coroutine its turn, with the results of what it waited for: not before a pause is over.
function Story:continue(co, ...)
  if self.state == "stopping" then return end
  if self.state == "paused" then
    local results, n = { ... }, select("#", ...)
    self:when_resumed(function() self:continue(co, unpack(results, 1, n)) end)
    return
  end
  script.enter(co)
  local ok, err = coroutine.resume(co, ...)
  if not ok then
    self:fault(debug.traceback(co, tostring(err)))
    return self:stop("failed")
  end
  self:end_if_over()
end

-- For the trace: how a wait ended, from the results that it gives.
local function outcome_of(n, result, reason)
  if n == 0 then return "over" end
  if result == nil then return reason and tostring(reason) or "timeout" end
  return type(result) == "string" and result or "over"
end

function Story:account(wait, outcome)
  if not wait.began then return end -- Listens beside the story.
  self.handle:waited(wait.began, wait.text, self:late(wait.began), outcome)
end

-- Lets the running coroutine wait. `begin(finish)` arranges for `finish(...)` to be called, and
-- returns a function that calls it off; `text` and `at` say what is waited for.
function Story:await(text, at, begin)
  local co = coroutine.running()
  local wait = { text = text, at = at, began = self.clock:position() }
  local arrived
  local function finish(...)
    if wait.over then return end
    wait.over = true
    self.waits[wait] = nil
    if wait.call_off then wait.call_off() end
    if wait.yielded then
      self:account(wait, outcome_of(select("#", ...), ...))
      self:continue(co, ...)
    else
      arrived = { n = select("#", ...), ... }
    end
  end
  self.waits[wait] = true
  wait.call_off = begin(finish)
  if arrived then
    if wait.call_off then wait.call_off() end
    return unpack(arrived, 1, arrived.n)
  end
  wait.yielded = true
  return coroutine.yield()
end

function Story:is_over() return self.branches == 0 end

-- Calls off every wait; the coroutines are dropped.
function Story:cancel()
  for wait in pairs(self.waits) do
    wait.over = true
    if wait.call_off then wait.call_off() end
    self:account(wait, "called off")
  end
  self.waits = {}
end

function Story:status_next()
  local earliest
  for wait in pairs(self.waits) do
    if not earliest or (wait.at or math.huge) < (earliest.at or math.huge) then earliest = wait end
  end
  if earliest then return earliest.text, earliest.at end
end

function Story:pending()
  local list = {}
  for wait in pairs(self.waits) do list[#list + 1] = { at = wait.at, text = wait.text } end
  table.sort(list, function(a, b) return (a.at or math.huge) < (b.at or math.huge) end)
  return list
end

return Story
