-- What a state machine hears while it plays: messages and the ends of files, in order.
local Events = {}
Events.__index = Events

local MOST = 50 -- As in the museum controller: the oldest gives way.

-- For one performance of `machine` by `story`.
function Events.new(machine, story)
  return setmetatable({ machine = machine, story = story, queue = {} }, Events)
end

-- Something has happened. It is looked at as soon as the machine waits and its clock runs.
function Events:add(event)
  if #self.queue == MOST then table.remove(self.queue, 1) end
  table.insert(self.queue, event)
  local clock = self.story.clock
  if not self.wake or self.look then return end
  if not clock.paused_at then return self.wake() end
  self.look = clock:alarm(clock:position(), function()
    self.look = nil
    if self.wake then self.wake() end
  end)
end

function Events:take() return table.remove(self.queue, 1) end

function Events:media_ended(topic, file)
  local room, kind = topic:match "^(.*)/([^/]*)$"
  if self.machine.room and room ~= self.machine.room then return end
  self:add { kind = kind .. "_end", file = file }
end

local function subscribe(self, transitions, handles)
  for _, transition in ipairs(transitions) do
    local topic = transition.topic
    if topic and not handles[topic] then
      handles[topic] = mqtt.subscribe(topic, function(msg)
        if msg.retained then return end -- What was, not what happens.
        self:add { kind = "message", topic = topic, payload = msg.payload }
      end)
    end
  end
end

-- Hears all that may matter in any state until `stop`, or until the story is called off.
function Events:start()
  local handles = { media.on_end(function(event)
    if event.reason ~= "stopped" then self:media_ended(event.topic, event.file) end
  end) }
  subscribe(self, self.machine.global_events, handles)
  for _, state in pairs(self.machine.states) do subscribe(self, state.transitions, handles) end
  self.listening = {
    text = "events",
    call_off = function()
      for _, handle in pairs(handles) do handle:cancel() end
    end,
  }
  self.story.waits[self.listening] = true
end

function Events:stop()
  self.story.waits[self.listening] = nil
  self.listening.call_off()
end

-- Waits for an event, or for `at` on the story's clock if that is given; `text` says for what.
function Events:wait(text, at)
  local clock = self.story.clock
  self.listening.text = text
  self.story:await(text, at, function(finish)
    local alarm = at and clock:alarm(at, function() finish() end)
    self.wake = function() finish() end
    return function()
      self.wake = nil
      clock:cancel(alarm)
    end
  end)
end

-- Whether an event is what the transition waits for. Payloads are compared as text, white space
-- around them does not count.
function Events.match(transition, event)
  if transition.kind ~= event.kind then return false end
  if event.kind ~= "message" then return transition.file == event.file end
  return transition.topic == event.topic and (transition.payload == event.payload
    or transition.payload == event.payload:match "^%s*(.-)%s*$")
end

return Events
