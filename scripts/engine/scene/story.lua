-- Plays a story: a function that waits, listens and decides, as coroutines.
local declaration = require "engine.scene.declaration"
local journal = require "engine.scene.journal"
local Performance = require "engine.scene.performance"
local task = require "engine.task"
local waits = require "engine.scene.waits"

local FollowOns = require "engine.scene.follow_ons"

local Story = Performance.extend()

function Story.new(scene, handle)
  local self = Performance.create(Story, scene, handle)
  self.branches = 0 -- Coroutines that have not ended.
  self.waits = {} -- What they wait for.
  self.wait_count = 0
  self.branch_of = {} -- By coroutine: { id, children, sends }.
  return self
end

function Story:start()
  self:begin()
  self:end_if_over()
end

-- `kept`: what a story that brings itself back has given to `remember`.
function Story:begin(kept)
  script.enter(self.definition.story)
  self:branch(function() return self.definition.story(self.teller, kept) end)
end

-- From now on a power cut leads back to the start of the function, with `kept` as its second
-- argument, instead of through its steps.
function Story:remember(kept)
  self.kept = kept
  self:keep()
end

-- Runs `fn` as a coroutine; `done` is called when it has ended. An error ends the story.
function Story:branch(fn, done)
  self.branches = self.branches + 1
  self.teller = self.teller or setmetatable({ story = self }, waits.Teller)
  local parent = self.branch_of[coroutine.running()]
  if parent then parent.children = parent.children + 1 end
  local co
  co = coroutine.create(function()
    fn()
    self.branch_of[co] = nil
    self.branches = self.branches - 1
    if done then done() end
  end)
  local id = parent and ("%s.%d"):format(parent.id, parent.children) or "1"
  self.branch_of[co] = { id = id, children = 0, sends = 0 }
  task.adopt(co, function(text, begin, options)
    local at = options.timeout and self.clock:position() + options.timeout
    return self:await(text, at, begin, options.key)
  end)
  self:continue { co = co }
end

-- Sends a command for a branch; on the way back to where the story stood, it has been sent before.
function Story:tell(cue, at)
  local branch = self.branch_of[coroutine.running()]
  if branch then branch.sends = branch.sends + 1 end
  local usual = FollowOns.is_media(cue.topic) and "played" or "sent"
  if self.replaying then return branch and self.odd[branch.id .. ":" .. branch.sends] or usual end
  local how = self:send(cue, at)
  if branch and how ~= usual then
    journal.step(self, { branch = branch.id, send = branch.sends, how = how, at = at })
  end
  return how
end

function Story:note(text)
  if not self.replaying then Performance.note(self, text) end
end

-- What a scene that is run as part of this one has for its end comes before our own.
function Story:also_on_stop(definition)
  for index, entry in ipairs(definition.on_stop) do
    table.insert(self.more_on_stop, index, entry)
  end
  self.handle:protect(declaration.safety_cues { on_stop = self:all_on_stop() })
end

-- What was waited for has come: kept for the way back.
local function record(self, wait, ...)
  if not wait.key or not wait.branch then return end
  journal.step(self, {
    branch = wait.branch.id, key = wait.key, at = self.clock:position(), n = select("#", ...),
    results = { ... },
  })
end

-- Gives a coroutine its turn, with the results of what it waited for: not before a pause is over.
function Story:continue(wait, ...)
  if self.state == "stopping" then return end
  if self.state == "paused" then
    local results, n = { ... }, select("#", ...)
    self:when_resumed(function() self:continue(wait, unpack(results, 1, n)) end)
    return
  end
  record(self, wait, ...)
  local co = wait.co
  script.enter(co)
  local ok, err = coroutine.resume(co, ...)
  if not ok then
    self:fault(debug.traceback(co, tostring(err)))
    return self:stop("failed")
  end
  if not self.replaying then self:end_if_over() end
end

-- For the trace: how a wait ended, from the results that it gives.
local function outcome_of(n, result, reason)
  if n == 0 then return "over" end
  if result == nil then return reason and tostring(reason) or "timeout" end
  return type(result) == "string" and result or "over"
end

function Story:account(wait, outcome)
  if self.replaying or not wait.began then return end -- Listens beside the story.
  self.handle:waited(wait.began, wait.text, self:late(wait.began), outcome)
end

-- Lets the running coroutine wait. `begin(finish, again)` arranges for `finish(...)` to be called,
-- and returns a function that calls it off; `text` and `at` say what is waited for. `key` names the
-- step for the way back after a power cut; then `begin` is called when the story is there, with
-- `again` if that is after its first time.
function Story:await(text, at, begin, key)
  local co = coroutine.running()
  self.wait_count = self.wait_count + 1
  local wait = {
    text = text, at = at, key = key, co = co, branch = self.branch_of[co], begin = begin,
    number = self.wait_count, began = self.clock:position(),
  }
  local arrived
  local function finish(...)
    if wait.over then return end
    wait.over = true
    self.waits[wait] = nil
    if wait.call_off then wait.call_off() end
    if wait.yielded then
      self:account(wait, outcome_of(select("#", ...), ...))
      self:continue(wait, ...)
    else
      arrived = { n = select("#", ...), ... }
    end
  end
  self.waits[wait] = true
  wait.finish = finish
  if self.replaying and key then
    wait.deferred, wait.yielded = true, true
    return coroutine.yield()
  end
  wait.call_off = begin(finish)
  if arrived then
    if wait.call_off then wait.call_off() end
    record(self, wait, unpack(arrived, 1, arrived.n))
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
