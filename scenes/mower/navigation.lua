-- Navigation: where the mower is, and what it does.
local message = require "engine.message"
local service = require "engine.service"

state.status = state.status or "idle" -- Or mowing, paused, returning, stopped.
local navigation

local function tell(topic, word, details)
  navigation:publish(topic, message.status {
    sender = navigation.id, status = word, uptime = navigation:uptime(), details = details,
  }, { qos = 1, retain = true, offline = "latest" })
end

local function become(word)
  if state.status == word then return end
  log.info(word)
  state.status = word
  tell("navigation/status", word)
end

-- A command that changes what the mower does; not while there is an emergency stop.
local function to(word)
  return function()
    if state.status == "stopped" then return nil, "there is an emergency stop" end
    become(word)
    return { status = word }
  end
end

navigation = service "navigation" {
  type = "navigation",
  dependencies = { "hardware_interface" },
  endpoints = { position = "navigation/position" },
  commands = {
    start_mowing = to "mowing", pause = to "paused", return_to_base = to "returning",
  },
  on_ready = function() tell("navigation/status", state.status) end,
}

message.subscribe(service.topic "sensors/+/data", function(msg)
  local reading = msg.content
  if not msg.envelope or reading.sensor_type ~= "gps" then return end
  tell("navigation/position", state.status == "mowing" and "moving" or state.status,
    { position = reading.data })
end)

mqtt.subscribe(service.topic "safety/emergency_stop", function(msg)
  if msg.payload ~= "" then
    become "stopped"
  elseif state.status == "stopped" then
    become "idle"
  end
end, { qos = 2 })
