-- One reading: what a monitor has measured, checked and with its power.
local declaration = require "engine.scene.declaration"
local time = require "engine.battery.time"

local reading = {}

-- Units as in the document: V, A, °C, %, Ah. Beyond these no monitor measures.
local RANGES = {
  voltage = { 0, 1000 }, current = { -10000, 10000 }, temperature = { -100, 200 },
  state_of_charge = { 0, 100 }, capacity = { 0, 1e6 }, cycles = { 0, 1e9 },
}
reading.fields = { "voltage", "current", "temperature", "state_of_charge", "capacity", "cycles" }

local KNOWN = { "timestamp", "extra", "vehicle_id", "device_type", unpack(reading.fields) }

-- Clocks of monitors are often wrong; one that goes ahead by more than this is not believed.
local AHEAD = 60

-- Errors carry no position of their own: the caller adds the author's line.
local function fail(message, ...) error(message:format(...), 0) end

local function check_number(what, field, value)
  local low, high = unpack(RANGES[field])
  if type(value) ~= "number" or not (value >= low and value <= high) then
    fail("%s: %s: a number from %s to %s expected, got %s", what, field, low, high,
      tostring(value))
  end
end

local function check_time(what, stamp)
  local seconds = time.read(stamp)
  if not seconds then
    fail("%s: timestamp: unix seconds or an ISO 8601 text expected, got %s", what, tostring(stamp))
  end
  local now = timer.wall()
  return seconds <= now + AHEAD and seconds or now
end

local function power_of(r)
  if not r.voltage or not r.current then return nil end
  return math.floor(r.voltage * r.current * 1000 + 0.5) / 1000
end

-- Whatever else is known goes along: it must have a JSON form.
function reading.check_extra(what, extra)
  if extra == nil then return end
  if type(extra) ~= "table" then
    fail("%s: extra: a table expected, got %s", what, type(extra))
  end
  local ok, err = pcall(json.encode, extra)
  if not ok then fail("%s: extra: %s", what, err) end
end

-- What `given` says, as { time, stamped, voltage, ..., power, extra }; raises without a position.
function reading.check(what, given)
  if type(given) ~= "table" then
    fail("%s: a table such as { voltage = 12.6 } expected, got %s", what, type(given))
  end
  declaration.check_options(what, given, KNOWN)
  reading.check_extra(what, given.extra)
  local r = { stamped = given.timestamp ~= nil, extra = given.extra }
  local measured = false
  for _, field in ipairs(reading.fields) do
    if given[field] ~= nil then
      check_number(what, field, given[field])
      r[field], measured = given[field], true
    end
  end
  if not measured then
    fail("%s: a reading has at least one of %s", what, table.concat(reading.fields, ", "))
  end
  r.time = r.stamped and check_time(what, given.timestamp) or timer.wall()
  r.power = power_of(r)
  return r
end

-- A copy without JSON's nulls, which `state` cannot keep.
function reading.without_nulls(value)
  if type(value) ~= "table" then return value end
  local made = {}
  for key, part in pairs(value) do
    if part ~= json.null then made[key] = reading.without_nulls(part) end
  end
  return made
end

local NOT_EXTRA = { device_id = true, power = true, latest_reading = true }
for _, name in ipairs(KNOWN) do NOT_EXTRA[name] = true end

-- A reading as somebody else has sent it: fields that we do not know are kept as `extra`.
function reading.from_message(what, body)
  local given, extra = {}, {}
  for _, name in ipairs(KNOWN) do
    if body[name] ~= json.null then given[name] = body[name] end
  end
  for key, value in pairs(type(given.extra) == "table" and given.extra or {}) do
    extra[key] = value
  end
  for key, value in pairs(body) do
    if not NOT_EXTRA[key] then extra[key] = value end
  end
  given.extra = next(extra) and reading.without_nulls(extra) or nil
  return reading.check(what, given)
end

return reading
