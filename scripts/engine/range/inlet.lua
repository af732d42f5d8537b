-- What comes in over MQTT, from gateways: readings of sensors, notifications of the timer, and who
-- shoots next.
local telemetry = require "engine.range.telemetry"
local timer_message = require "engine.range.timer_message"

local inlet = {}

local function sensor_of(bridge, id)
  local sensor = bridge.sensors[id]
  if sensor or bridge.strangers[id] then return sensor end
  bridge.strangers[id] = true
  local known = {}
  for number, each in ipairs(bridge.order) do known[number] = each.id end
  local meant = script.nearest(id, known)
  log.warn("there is no sensor '%s'%s", id, meant and (", only '%s'"):format(meant) or "")
end

local function take_reading(bridge, sensor, reading, arrival)
  local time, interval = sensor:take(reading, arrival)
  if time and reading.raw then bridge.publisher:telemetry(sensor, reading, time, interval) end
end

local function on_telemetry(bridge, msg, id)
  if msg.retained then return end -- Readings of some other day.
  local document = msg.json
  if type(document) == "table" and document.bridge ~= nil then return end -- A bridge's own.
  local sensor = sensor_of(bridge, id)
  if not sensor then return end
  local reading, err = telemetry.read(document)
  if not reading then return sensor:reject(err) end
  take_reading(bridge, sensor, reading, msg.time)
end

-- The bytes of one notification of a WTVB01.
function inlet.sensor_bytes(bridge, sensor, bytes, arrival)
  local reading, err = telemetry.of_frames(bytes)
  if not reading then
    sensor:reject(err)
    return nil, err
  end
  take_reading(bridge, sensor, reading, arrival)
  return true
end

local function on_timer(bridge, msg)
  if msg.retained then return end -- A start signal of the past starts nothing.
  local event, err = timer_message.read(msg)
  if event == false then return end
  if not event then return bridge.timer:reject(err) end
  bridge.timer:take(event, msg.time)
end

-- The bytes of one notification of an AMG Commander.
function inlet.timer_bytes(bridge, bytes, arrival)
  local event, err = timer_message.of_bytes(bytes)
  if not event then
    bridge.timer:reject(err)
    return nil, err
  end
  bridge.timer:take(event, arrival)
  return true
end

local function text_or_nil(value)
  return type(value) == "string" and value ~= "" and value or nil
end

local function on_announcement(bridge, msg, run_id)
  if msg.retained then return end
  local about = type(msg.json) == "table" and msg.json or {}
  bridge.runs:announce {
    run_id = run_id, shooter = text_or_nil(about.shooter), match = text_or_nil(about.match),
    stage = text_or_nil(about.stage),
  }
end

local function listen(bridge, suffix, fn, qos)
  mqtt.subscribe(bridge.range.prefix .. suffix, function(...) fn(bridge, ...) end, { qos = qos })
end

function inlet.open(bridge)
  bridge.strangers = {}
  listen(bridge, "/sensor/+/telemetry", on_telemetry, 0)
  listen(bridge, "/timer/events", on_timer, 1)
  listen(bridge, "/run/+/announce", on_announcement, 1)
end

return inlet
