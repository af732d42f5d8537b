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

local function one_of(x, y, z)
  if not (is_number(x) and is_number(y) and is_number(z)) then
    return nil, "numbers x, y and z expected"
  end
  return { count = 1, x = { x }, y = { y }, z = { z } }
end

local function several_of(x, y, z)
  local count = #x
  if count == 0 or count ~= #y or count ~= #z then
    return nil, "x, y and z of the same length expected"
  end
  if count > MOST then
    return nil, ("at most %d samples in a message, got %d"):format(MOST, count)
  end
  for number = 1, count do
    if not (is_number(x[number]) and is_number(y[number]) and is_number(z[number])) then
      return nil, ("sample %d is not three numbers"):format(number)
    end
  end
  return { count = count, x = x, y = y, z = z }
end

local function of_vectors(body)
  local vector = body.acceleration or body.velocity
  if type(vector) ~= "table" then return nil, "acceleration, velocity or frame expected" end
  local x, y, z = vector.x, vector.y, vector.z
  if type(x) == "table" and type(y) == "table" and type(z) == "table" then
    return several_of(x, y, z)
  end
  return one_of(x, y, z)
end

-- Frames of a notification, as a reading.
function telemetry.of_frames(bytes)
  local frames, skipped = wtvb01.frames(bytes)
  local last = frames[#frames]
  if not last then return nil, ("no data frame in %d bytes"):format(#bytes) end
  if skipped > 0 then return nil, ("%d of %d bytes belong to no frame"):format(skipped, #bytes) end
  local reading = { count = #frames, x = {}, y = {}, z = {}, raw = true,
    temperature = last.temperature, battery = last.battery }
  for number, frame in ipairs(frames) do
    local velocity = frame.velocity
    reading.x[number], reading.y[number], reading.z[number] = velocity.x, velocity.y, velocity.z
  end
  return reading
end

local function of_frame_text(hex)
  local bytes = telemetry.bytes(hex)
  if not bytes then return nil, "frame: hexadecimal digits expected" end
  return telemetry.of_frames(bytes)
end

local function number_or_nil(value) return is_number(value) and value or nil end

-- The message's JSON as a reading: count samples, the oldest first, in the lists x, y and z; stamp
-- (seconds, of the first), interval (between two), sequence (of the first), battery, temperature,
-- rssi, raw. Or nil and what is wrong.
function telemetry.read(document)
  if type(document) ~= "table" then return nil, "a JSON object expected" end
  local body = document.telemetry or document.data
  if type(body) ~= "table" then return nil, "telemetry: an object expected" end
  local reading, err
  if body.frame ~= nil then
    reading, err = of_frame_text(body.frame)
  else
    reading, err = of_vectors(body)
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
