-- What the garage says of itself: its status every five minutes, and that it shuts down.
local time = require "engine.battery.time"
local topics = require "engine.battery.topics"

local system = {}

local function copy_over(payload, more)
  for key, value in pairs(more or {}) do
    if type(value) == "table" and type(payload[key]) == "table" then
      copy_over(payload[key], value)
    else
      payload[key] = value
    end
  end
  return payload
end

local function counts(garage)
  local total, configured = 0, 0
  for _, battery in pairs(garage.batteries) do
    total = total + 1
    if battery.declared then configured = configured + 1 end
  end
  return total, configured
end

-- The document's shape ("System Status Message"), and the fields that Battery Hawk's code has.
-- `more` is added, tables within tables.
function system.publish(garage, more)
  local connected, now = mqtt.connected(), timer.wall()
  local total, configured = counts(garage)
  local uptime = math.floor(timer.now() - garage.started)
  topics.publish(garage, "system_status", nil, copy_over({
    timestamp = time.iso(now), status = "running", uptime = uptime,
    core = { running = true, uptime_seconds = uptime },
    storage = { influxdb_connected = false, history = "store" },
    components = { mqtt = connected and "connected" or "disconnected" },
    mqtt_connected = connected, total_devices = total, configured_devices = configured,
    active_polling_tasks = 0,
  }, more))
end

local function farewell(garage)
  return { status = "shutting_down", timestamp = time.iso(timer.wall()),
    reason = garage.reason or "engine stopped" }
end

function system.shut_down(garage)
  topics.publish(garage, "shutdown", nil, farewell(garage))
  system.leave_will(garage)
end

-- The engine sends it when the script ends; its time is that of the last call.
function system.leave_will(garage) topics.will(garage, "shutdown", farewell(garage)) end

-- A retained farewell of the time before would tell everybody who comes that we are gone.
function system.clear_farewell(garage) topics.publish(garage, "shutdown", nil, "") end

return system
