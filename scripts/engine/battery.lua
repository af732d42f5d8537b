-- Batteries of a garage: readings, status, vehicle summaries, health, alerts, as Battery Hawk's
-- document has them.
local Garage = require "engine.battery.garage"
local health = require "engine.battery.health"
local options = require "engine.battery.options"
local sources = require "engine.battery.sources"

local battery = {
  condition = health.condition,
  connected = health.connected,
  word = health.word,
  open_mqtt_gateway = sources.open_mqtt_gateway,
}

local made = {} -- Prefixes of the garages of this script.

function battery.garage(given)
  local ok, read = pcall(options.read, given)
  if not ok then error(read, 2) end
  if made[read.prefix] then
    error(("garage: there is one with the prefix '%s' already"):format(read.prefix), 2)
  end
  made[read.prefix] = true
  read.health = read.health or health.condition
  return Garage.new(read)
end

return battery
