-- What operators and other programs may ask of a race on its command topic.
local declaration = require "engine.scene.declaration"

local commands = {}

local KNOWN = {
  stage = { "command", "roundid", "heatid", "lanes" },
  abort = { "command", "reason" },
  rerun = { "command" },
  false_start = { "command", "reason" },
  new_day = { "command" },
  update = { "command", "device" },
}

-- Errors carry no position: they are for who sent the command.
local function fail(message, ...) error(message:format(...), 0) end

local function known_words()
  local words = {}
  for word in pairs(KNOWN) do words[#words + 1] = word end
  table.sort(words)
  return words
end

-- `{"command": "stage", ...}`, or the word alone.
local function read(msg)
  local said = msg.json
  if type(said) ~= "table" then said = { command = (msg.payload:gsub("%s+$", "")) } end
  local word = said.command
  if type(word) ~= "string" or not KNOWN[word] then
    fail("a command expected: %s", table.concat(known_words(), ", "))
  end
  declaration.check_options(word, said, KNOWN[word])
  return word, said
end

local function check_text(what, value)
  if value ~= nil and (type(value) ~= "string" or value == "" or #value > 200) then
    fail("%s: text of up to 200 bytes expected", what)
  end
  return value
end

local function check_number(what, value)
  if value ~= nil and (type(value) ~= "number" or value < 0 or value % 1 ~= 0) then
    fail("%s: a whole number from 0 expected", what)
  end
  return value
end

-- A heat that comes with the command, as authors write it.
local function heat_in(said)
  if type(said.lanes) ~= "table" then fail("lanes: a list of racers' numbers expected") end
  local heat = { round = said.roundid, heat = said.heatid }
  for lane, racer in pairs(said.lanes) do
    local number = tonumber(lane)
    if not number then fail("lanes: '%s' is no lane", lane) end
    heat[number] = racer
  end
  return heat
end

local function stage_asked(race, said)
  check_number("roundid", said.roundid)
  check_number("heatid", said.heatid)
  if said.lanes ~= nil then return race:stage_drawn(heat_in(said)) end
  if said.roundid == nil and said.heatid == nil then return race:stage_drawn(nil) end
  return race:stage_named(said.roundid or 1, said.heatid or 1)
end

local ACTIONS = {
  stage = stage_asked,
  abort = function(race, said)
    return race:abort(check_text("reason", said.reason))
  end,
  rerun = function(race) return race:rerun() end,
  false_start = function(race, said)
    return race:false_start(check_text("reason", said.reason))
  end,
  new_day = function(race) return race:new_day() end,
  update = function(race, said)
    if type(said.device) ~= "string" or said.device == "" or said.device:find "[/+#%z]" then
      fail("device: its id expected")
    end
    return race:update(said.device)
  end,
}

local function obey(race, msg)
  local word, said = read(msg)
  local done, err = ACTIONS[word](race, said)
  if not done then fail("%s", err or "it was refused") end
end

-- Answers where the sender asks for an answer; else a refusal is an alert.
local function answer(race, msg, err)
  if msg.response_topic then
    mqtt.publish(msg.response_topic, { success = err == nil, error = err },
      { qos = 1, offline = "drop", correlation_data = msg.correlation_data })
  elseif err then
    race.out:alert("warning", "a command was refused: " .. err)
  end
end

function commands.handle(race, msg)
  if msg.retained then -- An old order is none.
    return log.warn("a command that the broker has kept is not obeyed: clear %s", msg.topic)
  end
  local ok, err = pcall(obey, race, msg)
  answer(race, msg, not ok and tostring(err):gsub("[^\32-\126]", "?") or nil)
end

return commands
