-- Reads what gateways publish on <prefix>/sensor/{id}/telemetry: one reading, several, or the bytes
-- of a sensor's notification.
local wtvb01 = require "engine.range.wtvb01"

local telemetry = {}

local MOST = 1000 -- Samples in a message.

local function is_number(value)
  return type(value) == "number" and value == value and math.abs(value) < math.huge
end

-- Text of hexadecimal digits as bytes; nil if it is something else.
function telemetry.bytes(hex)
  if type(hex) ~= "string" or #hex % 2 == 1 or not hex:find "^%x+$" then return nil end
  return (hex:gsub("%x%x", function(digits) return string.char(tonumber(digits, 16)) end))
end

local function vector_of(x, y, z)
  if not (is_number(x) and is_number(y) and is_number(z)) then return nil end
  return { { x, y, z } }
end

local function batch_of(x, y, z)
  if #x == 0 or #x ~= #y or #x ~= #z then return nil, "x, y and z of the same length expected" end
  if #x > MOST then return nil, ("at most %d samples in a message, got %d"):format(MOST, #x) end
  local samples = {}
  for number = 1, #x do
    if not (is_number(x[number]) and is_number(y[number]) and is_number(z[number])) then
      return nil, ("sample %d is not three numbers"):format(number)
    end
    samples[number] = { x[number], y[number], z[number] }
  end
  return samples
end

local function samples_of(reading)
  local vector = reading.acceleration or reading.velocity
  if type(vector) ~= "table" then
    return nil, "acceleration, velocity or frame expected"
  end
  local x, y, z = vector.x, vector.y, vector.z
  if type(x) == "table" and type(y) == "table" and type(z) == "table" then
    return batch_of(x, y, z)
  end
  local samples = vector_of(x, y, z)
  if not samples then return nil, "numbers x, y and z expected" end
  return samples
end

-- Frames of a notification, as a reading.
function telemetry.of_frames(bytes)
  local frames, skipped = wtvb01.frames(bytes)
  local last = frames[#frames]
  if not last then return nil, ("no data frame in %d bytes"):format(#bytes) end
  if skipped > 0 then return nil, ("%d of %d bytes belong to no frame"):format(skipped, #bytes) end
  local samples = {}
  for number, frame in ipairs(frames) do
    samples[number] = { frame.velocity.x, frame.velocity.y, frame.velocity.z }
  end
  return { samples = samples, temperature = last.temperature, battery = last.battery, raw = true }
end

local function number_or_nil(value) return is_number(value) and value or nil end

-- The message's JSON as a reading: samples (lists of x, y, z, the oldest first), stamp (seconds, of
-- the first) and interval (between two), sequence (of the first), battery, temperature, rssi, raw.
-- Or nil and what is wrong.
function telemetry.read(document)
  if type(document) ~= "table" then return nil, "a JSON object expected" end
  local body = document.telemetry or document.data
  if type(body) ~= "table" then return nil, "telemetry: an object expected" end
  local reading, err
  if body.frame ~= nil then
    local bytes = telemetry.bytes(body.frame)
    if not bytes then return nil, "frame: hexadecimal digits expected" end
    reading, err = telemetry.of_frames(bytes)
  else
    local samples
    samples, err = samples_of(body)
    reading = samples and { samples = samples }
  end
  if not reading then return nil, err end
  local stamp, interval = number_or_nil(body.timestamp_ns), number_or_nil(body.interval_ns)
  reading.stamp = stamp and stamp / 1e9
  reading.interval = interval and interval > 0 and interval / 1e9 or nil
  reading.sequence = number_or_nil(body.sequence)
  reading.battery = number_or_nil(body.battery) or reading.battery
  reading.temperature = number_or_nil(body.temperature) or reading.temperature
  reading.rssi = number_or_nil(body.rssi)
  return reading
end

return telemetry
