-- All batteries and vehicles of a site: keeps what is known, and says what has changed.
local discovery = require "engine.battery.discovery"
local guard = require "engine.battery.guard"
local home = require "engine.battery.home"
local identifiers = require "engine.battery.identifiers"
local Battery = require "engine.battery.monitor"
local sources = require "engine.battery.sources"
local summary = require "engine.battery.summary"
local system = require "engine.battery.system"
local time = require "engine.battery.time"
local topics = require "engine.battery.topics"

local BEAT = 10 -- Seconds between looks at ages and at alerts that wait.
local SOON = 0.05 -- Readings that come together make one summary.

local Garage = {}
Garage.__index = Garage

local function kept_of(prefix)
  local all = state["engine.battery"] or {}
  state["engine.battery"] = all
  all[prefix] = all[prefix] or { batteries = {}, summaries = {} }
  return all[prefix]
end

function Garage:add_battery(id, given, declared)
  local kept = self.kept.batteries
  kept[id] = kept[id] or {}
  local battery = Battery.new(self, id, given, kept[id])
  battery.declared = declared
  if kept[id].vehicle and not self.vehicles[kept[id].vehicle] then kept[id].vehicle = nil end
  self.batteries[id], self.count = battery, self.count + 1
  if self.home_assistant then home.show(battery) end
  return battery
end

-- One that was discovered: it stays, also over a restart.
function Garage:take_in(id, given)
  if given.vehicle and not self.vehicles[given.vehicle] then given.vehicle = nil end
  local battery = self:add_battery(id, given, false)
  battery.kept.added = given
  if battery.vehicle then self:tell_association(battery) end
  self:refresh_soon(battery)
  return battery
end

function Garage:find_or_add(mac, body)
  if self.batteries[mac] then return self.batteries[mac] end
  return discovery.of_message(self, mac, body)
end

-- Those of a vehicle, by their ids.
function Garage:batteries_of(vehicle)
  local list = {}
  for _, battery in pairs(self.batteries) do
    if battery:vehicle_id() == vehicle then list[#list + 1] = battery end
  end
  table.sort(list, function(a, b) return a.id < b.id end)
  return list
end

local function sorted(batteries)
  local list = {}
  for _, battery in pairs(batteries) do list[#list + 1] = battery end
  table.sort(list, function(a, b) return a.id < b.id end)
  return list
end

function Garage:summarise(id, now)
  local vehicle = self.vehicles[id]
  if vehicle then summary.publish(self, { id = id, name = vehicle.name or id }, now) end
end

function Garage:refresh(batteries, vehicles)
  local now = timer.wall()
  for _, battery in ipairs(sorted(batteries)) do battery:refresh(now) end
  local ids = {}
  for id in pairs(vehicles) do ids[#ids + 1] = id end
  table.sort(ids)
  for _, id in ipairs(ids) do self:summarise(id, now) end
end

function Garage:refresh_all() self:refresh(self.batteries, self.vehicles) end

function Garage:refresh_soon(battery, vehicle)
  local due = self.due
  if not due then
    due = { batteries = {}, vehicles = {} }
    self.due = due
    timer.after(SOON, function()
      self.due = nil
      self:refresh(due.batteries, due.vehicles)
    end)
  end
  due.batteries[battery.id] = battery
  for _, id in ipairs { battery:vehicle_id() or false, vehicle or false } do
    if id then due.vehicles[id] = true end
  end
end

function Garage:tell_association(battery, before)
  topics.publish(self, "associated", battery:vehicle_id(), {
    vehicle_id = battery:vehicle_id(), device_id = battery.id, device_type = battery.device_type,
    previous_vehicle_id = before, timestamp = time.iso(timer.wall()),
  })
end

-- Checked already: `id` is a MAC address, `vehicle` could be a vehicle.
function Garage:associate(id, vehicle)
  local battery = self.batteries[id]
  if not battery then return nil, ("there is no battery %s"):format(id) end
  if not self.vehicles[vehicle] then
    log.warn("%s: there is no vehicle '%s'", battery.name, vehicle)
    return nil, ("there is no vehicle '%s'"):format(vehicle)
  end
  local before = battery:vehicle_id()
  if before == vehicle then return true end
  battery.kept.vehicle = vehicle
  self:tell_association(battery, before)
  self:refresh_soon(battery, before)
  return true
end

function Garage:battery(id) return self.batteries[id] end

function Garage:discovered(found) return discovery.take(self, found) end

function Garage:system_status(more) system.publish(self, more) end

function Garage:shutdown(reason)
  self.reason = reason
  system.shut_down(self)
end

function Garage:readings_from(filter, decode) sources.readings(self, filter, decode) end

function Garage:status_from(filter, decode) sources.status(self, filter, decode) end

-- Everything that the broker should keep, again: it may have been restarted.
function Garage:publish_all()
  local now = timer.wall()
  self.kept.summaries = {}
  for _, battery in ipairs(sorted(self.batteries)) do
    battery.kept.health_sent = nil
    if battery.kept.connected ~= nil then battery:publish_status(now) end
  end
  self:refresh_all()
  system.publish(self)
end

function Garage:beat()
  local now = timer.wall()
  for _, battery in ipairs(sorted(self.batteries)) do battery:look_at_age(now) end
  self:refresh_all()
  system.leave_will(self)
end

-- Those that the script has no more lose what the broker keeps of them.
local function forget_others(garage)
  for id, kept in pairs(garage.kept.batteries) do
    if not garage.batteries[id] then
      if kept.connected ~= nil then topics.publish(garage, "status", id, "") end
      topics.publish(garage, "health", id, "")
      garage.kept.batteries[id] = nil
    end
  end
  for id in pairs(garage.kept.summaries) do
    if not garage.vehicles[id] then
      topics.publish(garage, "summary", id, "")
      garage.kept.summaries[id] = nil
    end
  end
end

local function follow_connection(garage)
  local lost = false
  mqtt.on_connection(function(connected)
    if connected and lost then
      garage:publish_all()
    elseif connected then
      system.publish(garage) -- The one of the start says that there is no connection.
    end
    lost = not connected
  end)
end

local function begin(garage)
  system.clear_farewell(garage)
  forget_others(garage)
  garage:refresh_all()
  system.publish(garage)
end

-- `options` as `options.read` gives them.
function Garage.new(options)
  local garage = setmetatable(options, Garage)
  local declared = garage.batteries
  garage.kept, garage.batteries, garage.count = kept_of(garage.prefix), {}, 0
  garage.unwanted, garage.started = {}, timer.now()
  for id, given in pairs(declared) do garage:add_battery(id, given, true) end
  for id, kept in pairs(garage.kept.batteries) do
    if kept.added and not declared[id] then garage:add_battery(id, kept.added, false) end
  end
  system.leave_will(garage) -- Now, or what a save replaces would say farewell.
  timer.after(0, function() begin(garage) end)
  timer.every(BEAT, function() garage:beat() end, { name = "beat of " .. garage.prefix })
  timer.every(garage.status_every, function() system.publish(garage) end,
    { name = "status of " .. garage.prefix })
  follow_connection(garage)
  return garage
end

local function check_source(what, filter, decode)
  require("engine.scene.topics").check_filter(what, filter)
  if decode ~= nil and type(decode) ~= "function" then
    error(("%s: a function expected, got %s"):format(what, type(decode)), 0)
  end
  return filter, decode
end

local function check_mac(what, id) return identifiers.check("mac", what, id) end

guard(Garage, "garage", {
  battery = check_mac,
  discovered = discovery.check,
  associate = function(what, id, vehicle)
    return check_mac(what, id), identifiers.check("vehicle", what, vehicle)
  end,
  system_status = function(what, more)
    require("engine.battery.reading").check_extra(what, more)
    return more
  end,
  shutdown = function(what, reason)
    if reason ~= nil and type(reason) ~= "string" then
      error(("%s: a text expected, got %s"):format(what, type(reason)), 0)
    end
    return reason or "requested"
  end,
  readings_from = check_source,
  status_from = check_source,
})

return Garage
