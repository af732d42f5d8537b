-- The virtual mower: its microcontroller (mower/raw/...) and its camera, for `engine --simulate`.
local message = require "engine.message"
local service = require "engine.service"

local vision = service "vision_service" { type = "vision" }

local began = timer.now()
local charge = 100

-- What the sensors say, and every how many seconds; the document allows 100 readings a minute.
local SENSORS = {
  { "gps", 4, function(t)
    return { latitude = 47.5 + 0.0001 * math.sin(t / 10), longitude = 8.7 + 0.000002 * t }
  end },
  { "imu", 2, function(t) return { tilt = 8 + 4 * math.sin(t / 5) } end },
  { "battery", 5, function()
    charge = math.max(charge - 0.5, 0)
    return { charge_percentage = charge, voltage = 24 + charge / 50 }
  end },
  { "temperature", 10, function() return { temperature = 21.5 } end },
}

for _, sensor in ipairs(SENSORS) do
  local name, period, measure = unpack(sensor)
  timer.every(period, function()
    mqtt.publish("mower/raw/" .. name, measure(timer.now() - began))
  end)
end

-- Somebody walks up to the mower, again every minute.
local function walk_up()
  for step = 0, 4 do
    timer.after(step, function()
      vision:publish("vision/detections", message.sensor_data {
        sender = vision.id, sensor_type = "vision",
        data = { person_detected = true, distance = 6 - step, confidence = 0.93 },
      })
    end)
  end
end

timer.after(3, walk_up)
timer.every(60, walk_up)

mqtt.subscribe("mower/raw/blade", function(msg)
  if not msg.retained then log.info("the blade is %s", msg.payload) end
end)
