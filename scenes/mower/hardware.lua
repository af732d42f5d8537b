-- The hardware: what the microcontroller measures (mower/raw/<sensor>) as envelopes, and the blade.
local service = require "engine.service"

local UNITS = {
  battery = { charge_percentage = "%", voltage = "V" },
  imu = { tilt = "degrees" },
  temperature = { temperature = "celsius" },
}

local latest = {} -- By sensor: { value, timestamp }.
local unreadable = {} -- Sensors whose last message was; said once.

local function set_blade(on)
  mqtt.publish("mower/raw/blade", on and "ON" or "OFF", { qos = 1, offline = "drop" })
end

local hardware = service "hardware_interface" {
  type = "hardware",
  endpoints = { data = "sensors/+/data" },
  commands = {
    read_sensor = function(parameters)
      local reading = latest[parameters.sensor_id or ""]
      if not reading then
        return nil, ("there is no reading of '%s'"):format(tostring(parameters.sensor_id))
      end
      return reading
    end,
    set_blade = function(parameters)
      if type(parameters.on) ~= "boolean" then return nil, "on: true or false expected" end
      if parameters.on and state.stopped then return nil, "there is an emergency stop" end
      set_blade(parameters.on)
      return { on = parameters.on }
    end,
  },
  on_shutdown = function() set_blade(false) end,
}

mqtt.will("mower/raw/blade", "OFF", { qos = 1 })

mqtt.subscribe("mower/raw/+", function(msg, sensor)
  if sensor == "blade" then return end
  if type(msg.json) ~= "table" then
    if not unreadable[sensor] then log.warn("%s: a JSON object expected", msg.topic) end
    unreadable[sensor] = true
    return
  end
  unreadable[sensor] = nil
  latest[sensor] = { value = msg.json, timestamp = timer.wall() }
  hardware:publish_reading(sensor, msg.json, { device_id = sensor, units = UNITS[sensor] })
end)

mqtt.subscribe(service.topic "safety/emergency_stop", function(msg)
  state.stopped = msg.payload ~= ""
  if state.stopped then set_blade(false) end
end, { qos = 2 })
