-- Checks what an author declares of a garage.
local alerts = require "engine.battery.alerts"
local chemistry = require "engine.battery.chemistry"
local declaration = require "engine.scene.declaration"
local identifiers = require "engine.battery.identifiers"
local topics = require "engine.battery.topics"

local options = {}

local GARAGE = {
  "prefix", "topics", "vehicles", "batteries", "health", "alerts", "home_assistant", "chemistry",
  "charging_current", "offline_after", "keep", "status_every", "on_discovery",
}
local VEHICLE = { "name" }
local BATTERY = { "name", "vehicle", "device_type", "chemistry", "nominal", "capacity", "alerts" }
local HOME_ASSISTANT = { "prefix", "form", "birth_delay", "origin", "remove_on_shutdown" }

-- Errors carry no position of their own: the caller adds the author's line.
local function fail(message, ...) error(message:format(...), 0) end

local function check_kind(what, value, kind)
  if value ~= nil and type(value) ~= kind then
    fail("%s: %s expected, got %s", what, kind == "table" and "a table" or kind, type(value))
  end
end

local function check_name(what, value)
  if value ~= nil and (type(value) ~= "string" or value == "") then
    fail("%s: a text expected, got %s", what, value == "" and "''" or type(value))
  end
end

local function check_choice(what, value, choices)
  if value == nil then return end
  for _, choice in ipairs(choices) do
    if value == choice then return end
  end
  local meant = type(value) == "string" and script.nearest(value, choices)
  fail("%s: one of %s expected, got %s%s", what, table.concat(choices, ", "), tostring(value),
    meant and (", did you mean '%s'?"):format(meant) or "")
end

local function check_number(what, value, low, high)
  if value ~= nil and (type(value) ~= "number" or not (value >= low and value <= high)) then
    fail("%s: a number from %s to %s expected, got %s", what, low, high, tostring(value))
  end
end

local function check_vehicle_of(what, id, vehicles)
  if id == nil then return end
  identifiers.check("vehicle", what .. ": vehicle", id)
  if vehicles[id] then return end
  local known = {}
  for name in pairs(vehicles) do known[#known + 1] = name end
  local meant = script.nearest(id, known)
  fail("%s: vehicle: there is no vehicle '%s'%s", what, id,
    meant and (", did you mean '%s'?"):format(meant) or "; declare it in vehicles")
end

-- Of one battery, declared or discovered.
function options.check_battery(what, given, vehicles)
  check_kind(what, given, "table")
  declaration.check_options(what, given, BATTERY)
  check_name(what .. ": name", given.name)
  check_name(what .. ": device_type", given.device_type)
  check_vehicle_of(what, given.vehicle, vehicles)
  check_choice(what .. ": chemistry", given.chemistry, chemistry.names())
  check_number(what .. ": nominal", given.nominal, 1, 1000)
  check_number(what .. ": capacity", given.capacity, 0, 1e6)
  alerts.check(what .. ": alerts", given.alerts)
end

local function check_vehicles(vehicles)
  check_kind("garage: vehicles", vehicles, "table")
  for id, vehicle in pairs(vehicles) do
    identifiers.check("vehicle", "garage: vehicles", id)
    local what = ("garage: vehicles: %s"):format(id)
    check_kind(what, vehicle, "table")
    declaration.check_options(what, vehicle, VEHICLE)
    check_name(what .. ": name", vehicle.name)
  end
end

-- By MAC addresses in the one way in which we write them.
local function read_batteries(batteries, vehicles)
  check_kind("garage: batteries", batteries, "table")
  local read = {}
  for id, given in pairs(batteries) do
    local mac = identifiers.check("mac", "garage: batteries", id)
    if read[mac] then fail("garage: batteries: %s is there twice", mac) end
    options.check_battery("garage: " .. mac, given, vehicles)
    read[mac] = given
  end
  return read
end

local function check_prefix(prefix)
  if prefix ~= nil and (type(prefix) ~= "string" or prefix:find "[+#%z]"
      or prefix:find "^/" or prefix:find "/$") then
    fail("garage: prefix: a topic without wildcards, and no / at its ends, expected, got %s",
      tostring(prefix))
  end
end

local function read_home_assistant(given)
  if not given then return false end
  if given == true then return {} end
  check_kind("garage: home_assistant", given, "table")
  declaration.check_options("garage: home_assistant", given, HOME_ASSISTANT)
  return given
end

local function check_others(given)
  check_choice("garage: topics", given.topics, { "device", "devices", "both" })
  check_choice("garage: chemistry", given.chemistry, chemistry.names())
  check_choice("garage: charging_current", given.charging_current, { "positive", "negative" })
  check_kind("garage: health", given.health, "function")
  check_kind("garage: on_discovery", given.on_discovery, "function")
  for _, name in ipairs { "offline_after", "keep", "status_every" } do
    check_number("garage: " .. name, given[name], 1, 1e9)
  end
  alerts.check("garage: alerts", given.alerts)
end

-- The options with their defaults; raises without a position.
function options.read(given)
  if type(given) ~= "table" then
    fail("garage: a table of options expected, got %s", type(given))
  end
  declaration.check_options("garage", given, GARAGE)
  check_prefix(given.prefix)
  check_others(given)
  local vehicles = given.vehicles or {}
  check_vehicles(vehicles)
  return {
    prefix = given.prefix or "battery_hawk", forms = topics.choices[given.topics or "device"],
    vehicles = vehicles, batteries = read_batteries(given.batteries or {}, vehicles),
    health = given.health, alerts = given.alerts, on_discovery = given.on_discovery,
    home_assistant = read_home_assistant(given.home_assistant),
    chemistry = given.chemistry or "flooded",
    charge_sign = given.charging_current == "negative" and -1 or 1,
    offline_after = given.offline_after or 2.5 * 3600, keep = given.keep or 365 * 86400,
    status_every = given.status_every or 300,
  }
end

return options
