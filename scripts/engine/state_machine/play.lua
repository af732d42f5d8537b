-- Plays a state machine as a story: actions by the clock, transitions by time and event.
local Events = require "engine.state_machine.events"

local Play = {}
Play.__index = Play

local AT_ONCE = 1e-6 -- Seconds: what is this near to the clock is due.
-- What comes of itself comes after this at the soonest (the museum controller's tick), so that a
-- circle of `always` cannot hang the engine.
local SHORTEST = 0.005

function Play:act(action, at)
  local story = self.story
  if story.state == "stopping" then coroutine.yield() end -- For good.
  if action.action then return story:protected(action.action) end
  if story:send(action, at) ~= "failed" or type(action.payload) ~= "string" then return end
  -- What cannot be played has ended at once: a missing file must not hold up the show.
  local file = action.payload:match "^PLAY_VIDEO:(.*)$" or action.payload:match "^PLAY:([^:]*)"
  self.events:media_ended(action.topic, file or action.payload)
end

function Play:act_all(actions, at)
  for _, action in ipairs(actions) do self:act(action, at) end
end

-- When a transition comes of itself, if it does. A global timeout counts from the start of the
-- scene, and comes once.
function Play:due(transition, entered)
  if not transition.delay then return nil end
  if transition.global and transition.kind == "timeout" then
    return not self.fired[transition] and math.max(transition.delay, SHORTEST) or nil
  end
  if transition.global and transition.to == self.current then return nil end
  return entered + math.max(transition.delay, SHORTEST)
end

-- The transition that comes first of itself, and when; of two at the same time the one named first.
function Play:next_by_time(state, entered)
  local first, first_at
  for _, transitions in ipairs { self.machine.global_events, state.transitions } do
    for _, transition in ipairs(transitions) do
      local at = self:due(transition, entered)
      if at and (not first_at or at < first_at) then first, first_at = transition, at end
    end
  end
  return first, first_at
end

-- The transition that an event causes. A global one to where we are is none.
function Play:by_event(state, event)
  for _, transition in ipairs(self.machine.global_events) do
    if transition.to ~= self.current and Events.match(transition, event) then return transition end
  end
  for _, transition in ipairs(state.transitions) do
    if Events.match(transition, event) then return transition end
  end
end

function Play:wait(cue, at)
  local text = cue and self.story.describe(cue) or ("state '%s' to end"):format(self.current)
  self.events:wait(text, at)
end

-- Where the machine stands, for the way back after a power cut.
function Play:remember(entered, index)
  local fired = {}
  for number, transition in ipairs(self.machine.global_events) do
    if self.fired[transition] then fired[#fired + 1] = number end
  end
  self.story:remember { state = self.current, entered = entered, index = index, fired = fired }
end

-- Plays the current state from its action `index` on until it is left; returns where to, and when.
function Play:stay(state, entered, index)
  while true do
    self:remember(entered, index)
    local cue = state.timeline[index]
    local cue_at = cue and entered + cue.at or math.huge
    local transition, due = self:next_by_time(state, entered)
    due = due or math.huge
    local now = self.story.clock:position()
    if cue_at <= due and cue_at <= now + AT_ONCE then
      index = index + 1
      self:act(cue, cue_at)
    elseif due < cue_at and due <= now + AT_ONCE then
      self.fired[transition] = transition.global
      if transition.to ~= self.current or not transition.global then return transition.to, due end
    elseif #self.events.queue > 0 then
      local caused = self:by_event(state, self.events:take())
      if caused then return caused.to, now end
    else
      local next_at = math.min(cue_at, due)
      self:wait(cue_at == next_at and cue, next_at < math.huge and next_at or nil)
    end
  end
end

-- The power cut has ended what was playing; what the timeline has yet to play ends by itself.
function Play:end_silenced(state, index)
  for _, transition in ipairs(state.transitions) do
    local file, to_come = transition.file, false
    for i = index, #state.timeline do
      local payload = state.timeline[i].payload
      to_come = to_come or type(payload) == "string" and file and payload:find(file, 1, true)
    end
    if file and not to_come then self.events:add { kind = transition.kind, file = file } end
  end
end

-- Begins, or goes on where `kept` says; returns when the state was entered and which of its
-- actions is next, nil when it has yet to be entered.
function Play:enter(kept)
  self.current = kept and kept.state or self.machine.initial
  if not kept then return self.story.clock:position() end
  if not self.machine.states[self.current] then
    error(("there is no state '%s' any more"):format(self.current), 0)
  end
  for _, number in ipairs(kept.fired) do
    local transition = self.machine.global_events[number]
    if transition then self.fired[transition] = true end
  end
  self:end_silenced(self.machine.states[self.current], kept.index)
  return kept.entered, kept.index
end

function Play:run(kept)
  self.events:start()
  local entered, index = self:enter(kept)
  while self.current ~= "END" do
    local state = self.machine.states[self.current]
    self.story:note(("state %s"):format(self.current))
    if not index then self:act_all(state.on_enter, entered) end
    local to, at = self:stay(state, entered, index or 1)
    self:act_all(state.on_exit, at)
    self.current, entered, index = to, at, nil
  end
  local last = self.machine.states.END
  if last then self:act_all(last.on_enter, entered) end
  self.events:stop()
end

-- Plays `machine` (see engine.state_machine.definition) to its end, in the story's own coroutine;
-- after a power cut from where `kept` says.
return function(machine, story, kept)
  local events = Events.new(machine, story)
  setmetatable({ machine = machine, story = story, events = events, fired = {} }, Play):run(kept)
end
