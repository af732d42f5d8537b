-- The payloads of the document ("Message Structure") for one battery.
local reading = require "engine.battery.reading"
local time = require "engine.battery.time"

local messages = {}

-- The document always names these; null where the monitor does not measure them.
local ALWAYS = { "voltage", "current", "temperature", "state_of_charge" }

local function measured(r, into)
  for _, field in ipairs(reading.fields) do into[field] = r[field] end
  for _, field in ipairs(ALWAYS) do into[field] = r[field] == nil and json.null or r[field] end
  into.power = r.power
  return into
end

-- Besides `extra`, its keys stand on the top level where they hide nothing.
local function add_extra(payload, extra)
  if not extra or not next(extra) then return payload end
  for key, value in pairs(extra) do
    if payload[key] == nil then payload[key] = value end
  end
  payload.extra = extra
  return payload
end

function messages.reading(battery, r)
  return add_extra(measured(r, {
    device_id = battery.id, timestamp = time.iso(r.time), vehicle_id = battery:vehicle_id(),
    device_type = battery.device_type,
  }), r.extra)
end

-- With the last reading, if there is one: on the top level, and whole.
function messages.status(battery, status, now)
  local payload = {
    device_id = battery.id, timestamp = time.iso(now), connected = status.connected,
    error_code = status.error_code, error_message = status.error_message,
    protocol_version = status.protocol_version, last_command = status.last_command,
    device_type = battery.device_type, vehicle_id = battery:vehicle_id(),
  }
  local last = battery.kept.last
  if last then
    measured(last, payload)
    payload.latest_reading = messages.reading(battery, last)
  end
  return add_extra(payload, status.extra)
end

function messages.found(found, now)
  return {
    device_id = found.device_id, device_type = found.device_type, name = found.name,
    rssi = found.rssi, timestamp = time.iso(now),
    advertisement_data = found.advertisement_data or {},
  }
end

return messages
