-- Reads what gateways publish on <prefix>/timer/events: the bytes of a timer's notification, or
-- what they say. Both become the same event.
local amg_commander = require "engine.range.amg_commander"
local telemetry = require "engine.range.telemetry"

local timer_message = {}

local KINDS = {
  START = "START", T0 = "START", SHOT = "SHOT", STOP = "STOP", ARROW_END = "ARROW_END",
  CONNECTED = "CONNECTED", DISCONNECTED = "DISCONNECTED",
}

local function number_or_nil(value)
  return type(value) == "number" and value >= 0 and value < 1e15 and value or nil
end

local function seconds(ms) return number_or_nil(ms) and ms / 1000 end

function timer_message.of_bytes(bytes)
  local event, err = amg_commander.decode(bytes)
  if not event then return nil, err end
  event.raw = true
  return event
end

local function of_hex(hex)
  local bytes = telemetry.bytes(hex)
  if not bytes then return nil, "frame: hexadecimal digits expected" end
  return timer_message.of_bytes(bytes)
end

local function of_words(document, data)
  local word = data.type or document.event_type
  local kind = type(word) == "string" and KINDS[word:upper()]
  if not kind then return nil, ("no timer event is called '%s'"):format(tostring(word)) end
  return {
    kind = kind,
    shot = number_or_nil(data.shot_no),
    elapsed = seconds(data.time_ms),
    split = seconds(data.split_ms),
    first_shot = seconds(data.first_ms),
    series = number_or_nil(data.series),
  }
end

-- The event: kind, shot, elapsed, split, first_shot, series, stamp (seconds, of the gateway's
-- clock), mac, rssi, battery, sensitivity, raw. Or nil and what is wrong; or false when it is a
-- bridge's own.
function timer_message.read(msg)
  if msg.payload:find "^%x+$" and #msg.payload >= 4 then return of_hex(msg.payload) end
  local document = msg.json
  if type(document) ~= "table" then return nil, "JSON or hexadecimal digits expected" end
  if document.bridge ~= nil then return false end
  local data = document.data
  if type(data) ~= "table" then return nil, "data: an object expected" end
  local event, err
  if data.frame ~= nil then
    event, err = of_hex(data.frame)
  else
    event, err = of_words(document, data)
  end
  if not event then return nil, err end
  local stamp = number_or_nil(data.timestamp_ns)
  event.stamp = stamp and stamp / 1e9
  event.mac = type(data.mac) == "string" and data.mac or nil
  event.rssi = type(data.rssi) == "number" and data.rssi or nil
  event.battery = number_or_nil(data.battery)
  event.sensitivity = number_or_nil(data.sensitivity)
  return event
end

return timer_message
