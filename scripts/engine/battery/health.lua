-- Health of batteries and vehicles: asks the scoring function, which authors may replace.
local condition = require "engine.battery.condition"
local history = require "engine.battery.history"

local health = { condition = condition }

-- The document's: how many of the devices are connected ("Vehicle Summary Generation").
function health.connected(batteries)
  local connected, reasons = 0, {}
  for _, b in ipairs(batteries) do
    if b.connected then
      connected = connected + 1
    else
      reasons[#reasons + 1] = { name = "disconnected", points = 100 / #batteries,
        text = "not connected", device_id = b.id }
    end
  end
  return #batteries > 0 and 100 * connected / #batteries or 0, reasons
end

-- The document's words for a score.
function health.word(score)
  if not score then return "unknown" end
  return score >= 80 and "excellent" or score >= 60 and "good" or score >= 40 and "fair" or "poor"
end

-- What a scoring function is given of one battery.
function health.snapshot(battery, now)
  local kept = battery.kept
  local last, rest = kept.last or {}, kept.rest
  return {
    id = battery.id, name = battery.name, vehicle = battery:vehicle_id(),
    device_type = battery.device_type, chemistry = battery.chemistry, nominal = battery.nominal,
    connected = kept.connected or false, charging = kept.session ~= nil,
    voltage = last.voltage, current = last.current, temperature = last.temperature,
    power = last.power, capacity = last.capacity or battery.capacity,
    state_of_charge = rest and rest.state_of_charge or last.state_of_charge,
    age = last.time and math.max(now - last.time, 0), rest = rest, load = kept.load,
    last_session = kept.last_session, drain = battery:drain(now),
    history = function(name, from, to, options)
      return history.series(battery, name):range(from, to, options)
    end,
  }
end

local function is_score(value)
  return value == nil or (type(value) == "number" and value >= 0 and value <= 100)
end

local function check_reasons(reasons)
  if reasons == nil then return {} end
  if type(reasons) ~= "table" then
    error("health: a list of reasons expected, got " .. type(reasons), 0)
  end
  for number, reason in ipairs(reasons) do
    if type(reason) ~= "table" or type(reason.name) ~= "string" then
      error(("health: reason %d: { name = ..., points = ..., text = ... } expected"):format(number),
        0)
    end
  end
  json.encode(reasons)
  return reasons
end

-- Score from 0 to 100, or nil when nothing is known, and the reasons. A scoring function that fails
-- is a fault of the script, once, and `condition` stands in until it is mended.
function health.of(garage, batteries)
  if not garage.health_failed then
    local ok, score, reasons = pcall(function()
      script.enter(garage.health)
      local score, reasons = garage.health(batteries)
      if not is_score(score) then
        error(("health: a score from 0 to 100, or nil, expected, got %s"):format(tostring(score)),
          0)
      end
      return score, check_reasons(reasons)
    end)
    if ok then return score, reasons end
    garage.health_failed = true
    script.fault("battery health", tostring(score))
  end
  return condition(batteries)
end

return health
