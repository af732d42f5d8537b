-- Batteries that nobody has declared: told of once, and taken in.
local declaration = require "engine.scene.declaration"
local identifiers = require "engine.battery.identifiers"
local messages = require "engine.battery.messages"
local options = require "engine.battery.options"
local reading = require "engine.battery.reading"
local topics = require "engine.battery.topics"

local discovery = {}

local MOST = 250 -- Batteries; more are somebody's mistake.
local KNOWN = { "device_id", "device_type", "name", "rssi", "advertisement_data" }

-- What a script says it has found; raises without a position.
function discovery.check(what, found)
  if type(found) ~= "table" then
    error(("%s: a table such as { device_id = \"AA:BB:CC:DD:EE:FF\" } expected, got %s"):format(
      what, type(found)), 0)
  end
  declaration.check_options(what, found, KNOWN)
  reading.check_extra(what .. ": advertisement_data", found.advertisement_data)
  for _, name in ipairs { "device_type", "name" } do
    if found[name] ~= nil and type(found[name]) ~= "string" then
      error(("%s: %s: a text expected, got %s"):format(what, name, type(found[name])), 0)
    end
  end
  if found.rssi ~= nil and type(found.rssi) ~= "number" then
    error(("%s: rssi: a number expected, got %s"):format(what, type(found.rssi)), 0)
  end
  local copy = {}
  for key, value in pairs(found) do copy[key] = value end
  copy.device_id = identifiers.check("mac", what .. ": device_id", found.device_id)
  return copy
end

-- What the script makes of it: options of a battery, or false.
local function wanted(garage, found)
  local given = garage.on_discovery and garage.on_discovery(found)
  if given == false then return false end
  given = given or {}
  options.check_battery("on_discovery: " .. found.device_id, given, garage.vehicles)
  return { name = given.name or found.name, device_type = given.device_type or found.device_type,
    vehicle = given.vehicle, chemistry = given.chemistry, nominal = given.nominal,
    capacity = given.capacity }
end

-- Publishes what was found, and takes it in. nil when the script does not want it, or why not.
function discovery.take(garage, found)
  local known = garage.batteries[found.device_id]
  if known then return known end
  if garage.unwanted[found.device_id] then return nil end
  if garage.count >= MOST then
    return nil, ("%s: there are %d batteries already"):format(found.device_id, MOST)
  end
  topics.publish(garage, "found", found.device_id, messages.found(found, timer.wall()))
  local given = wanted(garage, found)
  if not given then
    garage.unwanted[found.device_id] = true
    return nil
  end
  log.info("new battery monitor %s%s", found.device_id,
    found.name and (" (%s)"):format(found.name) or "")
  return garage:take_in(found.device_id, given)
end

-- The same for a monitor that has sent something.
function discovery.of_message(garage, mac, body)
  local extra = type(body.extra) == "table" and body.extra or {}
  local function text(value) return type(value) == "string" and value ~= "" and value or nil end
  return discovery.take(garage, {
    device_id = mac, device_type = text(body.device_type), name = text(body.name or extra.name),
    rssi = tonumber(body.rssi or extra.rssi),
  })
end

return discovery
