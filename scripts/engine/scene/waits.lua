-- What a story can say: the methods of `s`.
local arguments = require "engine.scene.arguments"
local trigger = require "engine.scene.trigger"

local Teller = {}
Teller.__index = Teller

local function room_topic(self, kind, options)
  if options and options.topic then return options.topic end
  local room = self.story.definition.room
  return room and room .. "/" .. kind or kind
end

local function command(topic, payload, options)
  local cue = { topic = topic, payload = payload }
  for _, name in ipairs { "qos", "retain", "confirm", "retry", "on_timeout" } do
    cue[name] = options and options[name]
  end
  return cue
end

function Teller:position() return self.story.clock:position() end

function Teller:log(text) self.story:note(tostring(text)) end

function Teller:send(topic, payload, options)
  return self.story:tell(command(topic, payload, options), self:position())
end

-- Sends, and waits until the device has confirmed it.
function Teller:confirm(topic, payload, options)
  local result = self.story:await(topic .. " to confirm", nil, function(finish, again)
    if again then return finish "abandoned" end -- Nobody heard whether it was.
    self.story:send(command(topic, payload, options), self:position(), finish)
  end, "confirm " .. topic)
  if result == "confirmed" or result == "unconfirmed" then return true end
  return nil, result
end

function Teller:wait(seconds)
  local story = self.story
  local at = story.clock:position() + seconds
  story:await("the end of a wait", at, function(finish)
    local alarm = story.clock:alarm(at, finish)
    return function() story.clock:cancel(alarm) end
  end, "wait")
end

-- Starts a file and goes on.
function Teller:start(file, options)
  local payload = options and options.volume and ("PLAY:%s:%s"):format(file, options.volume) or file
  return self:send(room_topic(self, "audio", options), payload)
end

local function until_ended(self, topic, file)
  local reason = self.story:await(("the end of %s"):format(file), nil, function(finish, again)
    if again then return finish "stopped" end -- The power cut has ended it.
    if not media.playing(topic) then return finish "finished" end
    local listener = media.on_end(function(event)
      if event.topic == topic then finish(event.reason) end
    end)
    return function() listener:cancel() end
  end, "the end of " .. file)
  if reason == "finished" then return true end
  return nil, reason
end

-- Plays a file to its end.
function Teller:play(file, options)
  local topic = room_topic(self, "audio", options)
  if self:start(file, options) == "failed" then return nil, "failed" end
  return until_ended(self, topic, file)
end

function Teller:video(file, options)
  local topic = room_topic(self, "video", options)
  if self:send(topic, "PLAY_VIDEO:" .. file) == "failed" then return nil, "failed" end
  return until_ended(self, topic, file)
end

-- Listens for one message; returns what cancels that.
local function listen(filter, wanted, finish)
  local subscription = mqtt.subscribe(filter, function(msg)
    if not msg.retained and trigger.matches(wanted, msg) then finish(msg) end
  end)
  return function() subscription:cancel() end
end

local function with_timeout(story, at, finish, ...)
  local alarm = at and story.clock:alarm(at, function() finish(nil) end)
  local cancels = { ... }
  return function()
    story.clock:cancel(alarm)
    for _, cancel in ipairs(cancels) do cancel() end
  end
end

-- Waits for a message that arrives from now on; nil after `timeout` seconds.
function Teller:wait_for(filter, wanted, timeout)
  local story = self.story
  local text = wanted == nil and filter or ("%s = %s"):format(filter, tostring(wanted))
  local at = timeout and story.clock:position() + timeout
  local key = type(wanted) == "function" and filter .. " = (function)" or text
  return story:await(text, at, function(finish)
    return with_timeout(story, at, finish, listen(filter, wanted, finish))
  end, key)
end

-- Waits for the first of several messages: { {filter, payload}, ..., timeout = s }. Returns its
-- index and the message, or nil.
function Teller:wait_any(list)
  local story, timeout = self.story, list.timeout
  local until_then = timeout and story.clock:position() + timeout
  local filters = {}
  for index, entry in ipairs(list) do filters[index] = entry[1] end
  return story:await("one of several", until_then, function(finish)
    local cancels = {}
    for index, entry in ipairs(list) do
      cancels[index] = listen(entry[1], entry[2], function(msg) finish(index, msg) end)
    end
    return with_timeout(story, until_then, finish, unpack(cancels))
  end, "one of " .. table.concat(filters, ", "))
end

-- Sends a message that asks for an answer, and waits for it.
function Teller:request(topic, payload, options) -- luacheck: ignore self
  return mqtt.request(topic, payload, options)
end

-- Runs functions at the same time; returns when all have ended.
function Teller:together(...)
  local functions, story = { ... }, self.story
  local left = #functions
  if left == 0 then return end
  story:await("all that goes on together", nil, function(finish)
    for _, fn in ipairs(functions) do
      story:branch(function() return fn(self) end, function()
        left = left - 1
        if left == 0 then finish() end
      end)
    end
  end)
end

local function run_sheet(self, definition)
  local started = self:position()
  for _, cue in ipairs(definition.sheet) do
    local left = started + cue.at - self:position()
    if left > 0 then self:wait(left) end
    if cue.action then
      if not self.story.replaying then
        self.story.handle:called(started + cue.at, self.story:late(started + cue.at))
        cue.action()
      end
    elseif cue.topic then
      self.story:tell(cue, started + cue.at)
    end
  end
end

local function runs(name)
  for _, scene in ipairs(stage.list()) do
    if scene.name == name then return scene.state ~= "idle" end
  end
end

-- Plays another scene to its end: one of this script as part of this one, any other beside it.
function Teller:run(name)
  local scene = require("engine.scene").find(name)
  if scene then
    self.story:also_on_stop(scene.definition)
    if scene.definition.story then return scene.definition.story(self) end
    return run_sheet(self, scene.definition)
  end
  return self.story:await("scene " .. name, nil, function(finish, again)
    local listener = stage.on_end(function(report)
      if report.scene == name then finish(report.reason == "finished" or nil, report.reason) end
    end)
    if again then -- It was interrupted as well, and may be carried on after us.
      timer.after(1, function()
        if not runs(name) then finish(nil, "stopped") end
      end)
    else
      local ok, err = stage.go(name)
      if not ok then finish(nil, err) end
    end
    return function() listener:cancel() end
  end, "scene " .. name)
end

arguments.guard_story(Teller)

return { Teller = Teller }
