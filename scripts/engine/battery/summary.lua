-- The summary of a vehicle (document, "Vehicle Summary Message").
local health = require "engine.battery.health"
local time = require "engine.battery.time"
local topics = require "engine.battery.topics"

local summary = {}

local function hundredths(value) return math.floor(value * 100 + 0.5) / 100 end

-- A disconnected one is listed without what it once measured, as in the document's example.
local function listed(battery)
  local kept = battery.kept
  local last, on = kept.last or {}, kept.connected or false
  return {
    id = battery.id, name = battery.name, device_type = battery.device_type, connected = on,
    status = on and "connected" or "disconnected",
    last_reading_time = last.time and time.iso(last.time),
    voltage = on and last.voltage or nil, current = on and last.current or nil,
    temperature = on and last.temperature or nil,
    state_of_charge = on and last.state_of_charge or nil,
  }
end

-- Voltages are averaged over the connected ones, capacities added over all.
local function totals(batteries)
  local connected, volts, with_voltage, capacity = 0, 0, 0, 0
  for _, battery in ipairs(batteries) do
    local last = battery.kept.last or {}
    capacity = capacity + (last.capacity or battery.capacity or 0)
    if battery.kept.connected then
      connected = connected + 1
      if last.voltage then volts, with_voltage = volts + last.voltage, with_voltage + 1 end
    end
  end
  return connected, with_voltage > 0 and hundredths(volts / with_voltage) or 0,
    hundredths(capacity)
end

local function texts(reasons)
  local list = {}
  for _, reason in ipairs(reasons) do
    list[#list + 1] = { name = reason.name, points = reason.points, text = reason.text,
      device_id = reason.device_id }
  end
  return json.array(list)
end
summary.reasons = texts

function summary.build(garage, vehicle, now)
  local batteries, snapshots, devices = garage:batteries_of(vehicle.id), {}, {}
  for number, battery in ipairs(batteries) do
    snapshots[number], devices[number] = health.snapshot(battery, now), listed(battery)
  end
  local connected, average, capacity = totals(batteries)
  local score, reasons = health.of(garage, snapshots)
  return {
    vehicle_id = vehicle.id, name = vehicle.name, timestamp = time.iso(now),
    last_updated = time.iso(now), total_devices = #batteries, connected_devices = connected,
    disconnected_devices = #batteries - connected, average_voltage = average,
    total_capacity = capacity, overall_health = health.word(score),
    health_score = score and hundredths(score / 100) or json.null,
    health_reasons = texts(reasons), devices = json.array(devices),
  }
end

local function without(of, ...)
  local rest = {}
  for key, value in pairs(of) do rest[key] = value end
  for _, key in ipairs { ... } do rest[key] = nil end
  return rest
end

-- What it says, without when it says it.
local function essence(payload)
  local rest, devices = without(payload, "timestamp", "last_updated"), {}
  for number, device in ipairs(payload.devices) do
    devices[number] = without(device, "last_reading_time")
  end
  rest.devices = json.array(devices)
  return json.encode(rest)
end

-- Publishes it when it says something else than before. False when it does not.
function summary.publish(garage, vehicle, now)
  local payload = summary.build(garage, vehicle, now)
  local says = essence(payload)
  local sent = garage.kept.summaries
  if sent[vehicle.id] == says then return false end
  sent[vehicle.id] = says
  topics.publish(garage, "summary", vehicle.id, payload)
  return true
end

return summary
