-- Plays the range under `--simulate`: four sensors at 100 samples a second, a timer, and somebody
-- who shoots a string as soon as the sensors are calibrated, and then one every 15 seconds.
local RATE, BATCH = 100, 10
local PLATES = { "bt50_01", "bt50_02", "bt50_03", "bt50_04" }
local STRENGTHS = { 0.12, 0.35, 0.9, 1.8 } -- In g.
local RINGING = 0.018                      -- Seconds.

local sequence, blows = 0, {}

local function noise() return (math.random() + math.random() + math.random() - 1.5) * 0.014 end

-- What the blows on a plate amount to at a time.
local function shaking(plate, time)
  local sum = 0
  for _, blow in ipairs(blows) do
    local since = time - blow.time
    if blow.plate == plate and since >= 0 then
      sum = sum + blow.peak * math.exp(-since / RINGING)
    end
  end
  return sum * (math.random() < 0.5 and -1 or 1)
end

local function publish_readings()
  local first = timer.now() - (BATCH - 1) / RATE
  for number, id in ipairs(PLATES) do
    local x, y, z = {}, {}, {}
    for at = 1, BATCH do
      local blow = shaking(number, first + (at - 1) / RATE)
      x[at], y[at], z[at] = noise() + 0.2 * blow, noise(), 1 + noise() + 0.9 * blow
    end
    mqtt.publish(("leadville/sensor/%s/telemetry"):format(id), {
      sensor_id = id,
      telemetry = { acceleration = { x = x, y = y, z = z }, sequence = sequence,
        timestamp_ns = math.floor(first * 1e9), battery = 88 - number, temperature = 21.4 },
    })
  end
  sequence = sequence + BATCH
  while blows[1] and blows[1].time < timer.now() - 1 do table.remove(blows, 1) end
end

-- A notification of an AMG Commander, as its gateway passes it on.
local function notify(kind, shot, elapsed, split, first)
  local time, gap = math.floor(elapsed * 100 + 0.5), math.floor(split * 100 + 0.5)
  local frame = ("01%02x%02x%02x%04x%04x%04x%04x0001"):format(kind, shot, shot, time, gap,
    math.floor(first * 100 + 0.5), time)
  mqtt.publish("leadville/timer/events", {
    event_type = "TIMER_EVENT",
    data = { frame = frame, timestamp_ns = math.floor(timer.now() * 1e9) },
  }, { qos = 1 })
end

local function shoot(plate)
  if math.random() < 0.15 then return end -- Over the plate.
  blows[#blows + 1] = { plate = plate, time = timer.now() + 0.13 + 0.02 * (math.random() - 0.5),
    peak = STRENGTHS[math.random(#STRENGTHS)] }
end

local function string_of_fire()
  local began, elapsed, first = timer.now(), 0, nil
  notify(0x05, 0, 0, 0, 0)
  local at = 1.2
  for shot, plate in ipairs { 1, 2, 3, 4 } do
    timer.after(at, function()
      local split = timer.now() - began - elapsed
      elapsed = timer.now() - began
      first = first or elapsed
      notify(0x03, shot, elapsed, split, first)
      shoot(plate)
    end)
    at = at + 0.35 + 0.3 * math.random()
  end
  timer.after(at + 0.6, function() notify(0x08, 4, elapsed, 0, first) end)
end

timer.every(BATCH / RATE, publish_readings)
timer.after(3.6, string_of_fire)
timer.every(15, function() timer.after(3.6, string_of_fire) end)
