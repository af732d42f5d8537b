-- Virtual ESP32s for `engine --simulate`: they answer every command that a real one would answer.
local virtual_device = require "engine.virtual_device"

local simulation = config.simulation or {}
local names = simulation.devices or { "esp32_01", "esp32_02" }

-- What visitors and the controller send, last level of the topic: no ESP32 answers it.
local NO_COMMAND = { "^button", "^lever", "^scene", "^start_scene$", "^STOP$" }

local function is_room_command(topic)
  if not topic:find "^room" then return false end
  local last = topic:match "[^/]*$"
  for _, pattern in ipairs(NO_COMMAND) do
    if last:find(pattern) then return false end
  end
  return true
end

-- The devices share the topics in turn; `devices/<id>/...` is that device's own.
local owners, owned = {}, 0

local function owner_of(topic)
  if not owners[topic] then
    owners[topic] = names[owned % #names + 1]
    owned = owned + 1
  end
  return owners[topic]
end

for _, id in ipairs(names) do
  virtual_device {
    id = id,
    commands = { "+/+", ("devices/%s/+"):format(id) },
    delay = simulation.delay,
    failure = simulation.failure,
    accepts = function(topic)
      return topic:find "^devices/.*/" ~= nil or (is_room_command(topic) and owner_of(topic) == id)
    end,
  }
end
