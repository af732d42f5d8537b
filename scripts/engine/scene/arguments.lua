-- Checks what an author passes to the methods of a story and of a scene, and raises at his line.
local declaration = require "engine.scene.declaration"
local request = require "engine.mqtt.request"
local topics = require "engine.scene.topics"

-- Errors carry no position of their own: the guard adds the author's line.
local function fail(message, ...) error(message:format(...), 0) end

local COMMAND = { "qos", "retain", "confirm", "retry", "on_timeout" }
local PLAY = { "topic", "volume", unpack(COMMAND) }

local function check_table(what, options, names)
  if options == nil then return {} end
  if type(options) ~= "table" then
    fail("%s: a table of options expected, got %s", what, type(options))
  end
  declaration.check_options(what, options, names)
  return options
end

local function check_command(what, topic, payload, options)
  options = check_table(what, options, COMMAND)
  declaration.check_command(what, topic, payload, options)
end

local function check_text(what, text, which)
  if type(text) ~= "string" or text == "" then
    fail("%s: %s expected, got %s", what, which, text == "" and "''" or type(text))
  end
end

local function check_topic_option(what, options, kind)
  if options.topic == nil then return end
  topics.check_name(what .. ": topic", options.topic)
  if not options.topic:find("/" .. kind .. "$") then
    fail("%s: topic: one that ends in /%s expected, got '%s'", what, kind, options.topic)
  end
end

local function check_play(what, file, options)
  check_text(what, file, "a file name")
  options = check_table(what, options, PLAY)
  check_topic_option(what, options, "audio")
  declaration.check_command(what, "audio", file, options)
  local volume = options.volume
  if volume ~= nil and (type(volume) ~= "number" or not (volume >= 0 and volume <= 1)) then
    fail("%s: volume: a number from 0 to 1 expected, got %s", what, tostring(volume))
  end
end

local function check_seconds(what, seconds) declaration.check_seconds(what, seconds) end

local function check_any(what, list)
  if type(list) ~= "table" or type(list[1]) ~= "table" then
    fail("%s: a list such as { { \"room1/lever\", \"PULLED\" }, timeout = 30 } expected", what)
  end
  declaration.check_options(what, list, { "timeout" }, #list)
  declaration.check_seconds(what .. ": timeout", list.timeout, true)
  for number, entry in ipairs(list) do
    local which = ("%s: entry %d"):format(what, number)
    if type(entry) ~= "table" then
      fail("%s: { filter, payload } expected, got %s", which, type(entry))
    end
    declaration.check_options(which, entry, {}, 2)
    topics.check_filter(which, entry[1])
    topics.check_wanted(which .. ": payload", entry[2])
  end
end

local STORY = {
  position = function() end,
  log = function(what, text)
    if text == nil then fail("%s: a text expected, got nothing", what) end
  end,
  send = check_command,
  confirm = check_command,
  start = check_play,
  play = check_play,
  video = function(what, file, options)
    check_text(what, file, "a file name")
    check_topic_option(what, check_table(what, options, { "topic" }), "video")
  end,
  wait = check_seconds,
  wait_for = function(what, filter, wanted, timeout)
    topics.check_filter(what, filter)
    topics.check_wanted(what .. ": payload", wanted)
    declaration.check_seconds(what .. ": timeout", timeout, true)
  end,
  wait_any = check_any,
  request = request.check,
  together = function(what, ...)
    for number = 1, select("#", ...) do
      local fn = select(number, ...)
      if type(fn) ~= "function" then
        fail("%s: functions expected, argument %d is a %s", what, number, type(fn))
      end
    end
  end,
  run = function(what, name) check_text(what, name, "the name of a scene") end,
}

local WAITS = {
  confirm = true, play = true, video = true, wait = true, wait_for = true, wait_any = true,
  request = true, together = true, run = true,
}

local SCENE = {
  go = function() end,
  stop = function(what, now)
    if now ~= nil and type(now) ~= "boolean" then
      fail("%s: true or false expected, got %s", what, type(now))
    end
  end,
  pause = function() end,
  resume = function() end,
  jump = function(what, cue) check_text(what, cue, "the name of a cue") end,
  seek = check_seconds,
  pending = function() end,
  status = function() end,
}

local function in_coroutine()
  local co, is_main = coroutine.running()
  return co ~= nil and not is_main
end

local arguments = {}

-- `class[name]`, called only with arguments that `check(what, ...)` lets pass; `before(self, what)`
-- has a look first.
local function guard(class, name, what, check, before)
  local method = class[name]
  class[name] = function(self, ...)
    if type(self) ~= "table" or getmetatable(self) ~= class then
      error(("%s: write it with a colon, %s(...)"):format(what, what), 2)
    end
    local ok, err = pcall(check, what, ...)
    if not ok then error(err, 2) end
    local refused = before and before(self, what)
    if refused then error(refused, 2) end
    return method(self, ...)
  end
end

-- A story that has been stopped goes no further; other code must not speak for it.
local function check_turn(name)
  return function(teller, what)
    local inside = in_coroutine()
    if teller.story.finished and name ~= "position" then
      if inside then coroutine.yield() end -- For good.
      return ("%s: scene '%s' has ended"):format(what, teller.story.scene.name)
    end
    if WAITS[name] and not inside then
      return ("%s waits: call it in the story, not in another function's callback"):format(what)
    end
  end
end

-- For the class of `s`.
function arguments.guard_story(Teller)
  for name, check in pairs(STORY) do
    guard(Teller, name, "s:" .. name, check, check_turn(name))
  end
end

-- For the class of what `scene "name" { ... }` returns.
function arguments.guard_scene(Scene)
  for name, check in pairs(SCENE) do guard(Scene, name, "scene:" .. name, check) end
end

return arguments
