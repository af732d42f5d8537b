-- Alerts: a limit that is passed for some time raises one, coming back behind another clears it.
local chemistry = require "engine.battery.chemistry"
local declaration = require "engine.scene.declaration"
local time = require "engine.battery.time"
local topics = require "engine.battery.topics"

local alerts = {}

-- What can be watched, with its unit.
local UNITS = {
  voltage = "V", current = "A", temperature = "°C", state_of_charge = "%", drain = "% a day",
  age = "s", health = "of 100",
}

local KNOWN = { "of", "below", "above", "clear", "hold", "severity" }
local SEVERITIES = { info = true, warning = true, error = true, critical = true }

-- Errors carry no position of their own: the caller adds the author's line.
local function fail(message, ...) error(message:format(...), 0) end

local function names(of)
  local list = {}
  for name in pairs(of) do list[#list + 1] = name end
  table.sort(list)
  return list
end

local function check_limits(what, rule)
  local limit = rule.below or rule.above
  if (rule.below == nil) == (rule.above == nil) or type(limit) ~= "number" then
    fail("%s: below or above expected, a number", what)
  end
  local clear = rule.clear
  local behind = rule.below and function() return clear >= limit end
    or function() return clear <= limit end
  if clear ~= nil and not (type(clear) == "number" and behind()) then
    fail("%s: clear: a number %s %s expected, got %s", what, rule.below and "from" or "up to",
      limit, tostring(clear))
  end
end

local function check_rule(what, rule)
  if rule == false then return end
  if type(rule) ~= "table" then
    fail("%s: a table such as { of = \"voltage\", below = 12.0 }, or false, expected, got %s",
      what, tostring(rule))
  end
  declaration.check_options(what, rule, KNOWN)
  if not UNITS[rule.of] then
    local meant = type(rule.of) == "string" and script.nearest(rule.of, names(UNITS))
    fail("%s: of: one of %s expected, got %s%s", what, table.concat(names(UNITS), ", "),
      tostring(rule.of), meant and (", did you mean '%s'?"):format(meant) or "")
  end
  check_limits(what, rule)
  declaration.check_seconds(what .. ": hold", rule.hold, true)
  if rule.severity ~= nil and not SEVERITIES[rule.severity] then
    fail("%s: severity: info, warning, error or critical expected, got %s", what,
      tostring(rule.severity))
  end
end

function alerts.check(what, rules)
  if rules == nil then return end
  if type(rules) ~= "table" then fail("%s: a table of alerts by name expected", what) end
  for name, rule in pairs(rules) do
    if type(name) ~= "string" then fail("%s: a name for each alert expected", what) end
    check_rule(("%s: %s"):format(what, name), rule)
  end
end

-- The rules of a battery: ours by its chemistry, with those of the garage and its own over them.
function alerts.rules(battery, ...)
  local kind, scale = chemistry.kinds[battery.chemistry], battery.nominal / 12
  local rules = {
    low_voltage = { of = "voltage", below = kind.low * scale, clear = (kind.low + 0.3) * scale,
      hold = 60 },
    critical_voltage = { of = "voltage", below = kind.critical * scale,
      clear = (kind.critical + 0.3) * scale, hold = 60, severity = "critical" },
    over_voltage = { of = "voltage", above = kind.high * scale, clear = (kind.high - 0.2) * scale,
      hold = 5, severity = "critical" },
    hot = { of = "temperature", above = 55, clear = 50, hold = 60 },
    slow_drain = { of = "drain", above = 1.5, clear = 1.0 },
    low_health = { of = "health", below = 40, clear = 50, hold = 60 },
  }
  for _, own in ipairs { ... } do
    for name, rule in pairs(own) do rules[name] = rule or nil end
  end
  return rules
end

local function passes(rule, value, raised)
  local limit = rule.below or rule.above
  if raised then limit = rule.clear or limit end
  if rule.below then return value < limit end
  return value > limit
end

local function tell(battery, name, rule, state, value, now)
  local limit = rule.below or rule.above
  local message = ("%s: %s: %.4g %s, %s %.4g"):format(battery.name, name, value, UNITS[rule.of],
    rule.below and "below" or "above", limit)
  if state == "cleared" then
    message = ("%s: %s is over: %.4g %s"):format(battery.name, name, value, UNITS[rule.of])
  end
  topics.publish(battery.garage, "alert", nil, {
    alert = name, state = state, severity = rule.severity or "warning", of = rule.of,
    value = value, limit = limit, message = message, device_id = battery.id,
    vehicle_id = battery:vehicle_id(), timestamp = time.iso(now),
  })
  log[state == "raised" and "warn" or "info"](message)
end

local function check_one(battery, name, rule, value, now)
  local active, waiting = battery.kept.alerts, battery.kept.waiting
  if not passes(rule, value, active[name] ~= nil) then
    waiting[name] = nil
    if active[name] then
      active[name] = nil
      tell(battery, name, rule, "cleared", value, now)
    end
  elseif not active[name] then
    waiting[name] = waiting[name] or now
    if now - waiting[name] < (rule.hold or 0) then return end
    waiting[name] = nil
    active[name] = now
    tell(battery, name, rule, "raised", value, now)
  end
end

-- `values` by what can be watched; what is not among them stays as it is.
function alerts.check_values(battery, values, now)
  for _, name in ipairs(names(battery.rules)) do
    local rule = battery.rules[name]
    if values[rule.of] then check_one(battery, name, rule, values[rule.of], now) end
  end
end

-- Names of those that are raised.
function alerts.active(battery) return json.array(names(battery.kept.alerts)) end

-- Forgets those whose rule the script has no more.
function alerts.forget_unknown(battery)
  for name in pairs(battery.kept.alerts) do
    if not battery.rules[name] then battery.kept.alerts[name] = nil end
  end
end

return alerts
