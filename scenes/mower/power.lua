-- The battery: its level for everybody, alerts when it runs low, and home before it is empty.
local alerts = require "lib.alerts"
local limits = require "lib.limits"
local message = require "engine.message"
local service = require "engine.service"
local task = require "engine.task"

local power = service "power" { type = "power", dependencies = { "hardware_interface" } }

local alert = alerts(power)
state.level = state.level or "normal" -- Or low, critical.

local function send_home()
  task.start(function()
    local _, err = power:call("navigation", "return_to_base", {}, { priority = "high" })
    if err then log.error("the mower could not be sent home: %s", err) end
  end)
end

-- Low and critical hold until the battery is charged to its optimum.
local function level_at(percent)
  if percent <= limits.battery_critical then return "critical" end
  if percent <= limits.battery_low then return state.level == "critical" and "critical" or "low" end
  if percent >= limits.battery_optimal then return "normal" end
  return state.level
end

local SEVERITY = { low = "warning", critical = "critical" }

message.subscribe(service.topic "sensors/battery/data", function(msg)
  local data = msg.envelope and msg.content.data or msg.content
  local percent = type(data) == "table" and data.charge_percentage
  if type(percent) ~= "number" then return end
  -- As Home Assistant reads it (mower document): value_json.charge_percentage.
  mqtt.publish(service.topic "power/battery", data,
    { qos = 1, retain = true, offline = "latest" })
  local now = level_at(percent)
  alert("battery", SEVERITY[now], ("battery at %.0f %%"):format(percent))
  if now ~= state.level and now ~= "normal" then send_home() end
  state.level = now
end)
