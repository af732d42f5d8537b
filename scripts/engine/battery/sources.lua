-- Readings and states that others send: readers of monitors, gateways, another Battery Hawk.
local identifiers = require "engine.battery.identifiers"
local reading = require "engine.battery.reading"
local status_options = require "engine.battery.status_options"
local topics = require "engine.battery.topics"

local sources = {}

local QUIET = 60 -- Seconds in which bad messages of one source are only counted.

-- Says what is wrong with a source's message, but not for each one of a flood.
local function complain(source, msg, err)
  local now = timer.now()
  source.bad = (source.bad or 0) + 1
  if source.complained and now - source.complained < QUIET then return end
  source.complained = now
  log.warn("%s: %s (%d bad so far from %s)", msg.topic, err, source.bad, source.filter)
end

-- The document's messages: a JSON object; the MAC in it, or in the topic's first wildcard.
local function from_document(msg, first)
  local body = msg.json
  if type(body) ~= "table" or body[1] ~= nil then
    return nil, "a JSON object expected: " .. (msg.json_error or type(body))
  end
  return body.device_id or first, body
end

local function take(garage, source, msg, ...)
  local id, body = (source.decode or from_document)(msg, ...)
  if id == nil then
    if body ~= nil then complain(source, msg, tostring(body)) end
    return
  end
  local mac, bad_mac = identifiers.bare_mac(id)
  if not mac then return complain(source, msg, bad_mac) end
  if type(body) ~= "table" then
    return complain(source, msg, "a table of what was measured expected, got " .. type(body))
  end
  local ok, read = pcall(source.read, source.what, body)
  if not ok then return complain(source, msg, read) end
  local battery, unwanted = garage:find_or_add(mac, body)
  if not battery then return unwanted and complain(source, msg, unwanted) end
  source.use(battery, read)
end

local function add(garage, source)
  local filter = source.filter
  mqtt.subscribe(filter, function(msg, ...)
    -- What was retained is of an unknown time, and our own words are nobody's measurement.
    if msg.retained or topics.is_own(garage, msg.topic) then return end
    take(garage, source, msg, ...)
  end, { qos = 1 })
end

function sources.readings(garage, filter, decode)
  add(garage, { what = "reading", filter = filter, decode = decode, read = reading.from_message,
    use = function(battery, r) battery:take(r) end })
end

local STATUS = { "connected", "error_code", "error_message", "protocol_version", "last_command",
  "extra" }

local function status_from_message(what, body)
  local status = {}
  for _, name in ipairs(STATUS) do
    if body[name] ~= json.null then status[name] = body[name] end
  end
  status.extra = status.extra and reading.without_nulls(status.extra)
  return status_options.check(what, status)
end

function sources.status(garage, filter, decode)
  add(garage, { what = "status", filter = filter, decode = decode, read = status_from_message,
    use = function(battery, status) battery:take_status(status) end })
end

-- What OpenMQTTGateway and Theengs Gateway send of a battery monitor: names of their decoders.
function sources.open_mqtt_gateway(msg)
  local body = msg.json
  if type(body) ~= "table" or type(body.id) ~= "string" then
    return nil, "a JSON object with the id of a device expected"
  end
  if body.volt == nil and body.batt == nil then return nil end -- Only seen, not read.
  return body.id, { voltage = body.volt, state_of_charge = body.batt, temperature = body.tempc,
    device_type = body.model_id or body.model,
    extra = { rssi = body.rssi, name = body.name } }
end

return sources
