-- One battery and its monitor: what is known of it, and what it says to the world.
local alerts = require "engine.battery.alerts"
local charging = require "engine.battery.charging"
local declaration = require "engine.scene.declaration"
local guard = require "engine.battery.guard"
local health = require "engine.battery.health"
local history = require "engine.battery.history"
local messages = require "engine.battery.messages"
local reading = require "engine.battery.reading"
local status_options = require "engine.battery.status_options"
local summary = require "engine.battery.summary"
local time = require "engine.battery.time"
local topics = require "engine.battery.topics"

local DRAIN_EVERY = 600 -- Seconds between looks into the history, if it has not grown by an hour.

local Battery = {}
Battery.__index = Battery

-- `kept` survives saving the script, and restarts.
function Battery.new(garage, id, options, kept)
  kept.alerts, kept.waiting = kept.alerts or {}, kept.waiting or {}
  local battery = setmetatable({
    garage = garage, id = id, kept = kept, name = options.name or id,
    device_type = options.device_type, chemistry = options.chemistry or garage.chemistry,
    nominal = options.nominal or 12, capacity = options.capacity, vehicle = options.vehicle,
  }, Battery)
  battery.rules = alerts.rules(battery, garage.alerts or {}, options.alerts or {})
  alerts.forget_unknown(battery)
  return battery
end

-- Where a script or a message has put it counts more than the declaration.
function Battery:vehicle_id() return self.kept.vehicle or self.vehicle end

function Battery:drain(now)
  if not self.drain_known or math.abs(now - self.drain_known) >= DRAIN_EVERY then
    self.drain_known, self.drain_found = now, history.drain(self, now)
    self.drain_rest = self.kept.rest and self.kept.rest.time
  end
  return self.drain_found
end

function Battery:publish_status(now)
  local status = self.kept.status or { connected = self.kept.connected or false }
  topics.publish(self.garage, "status", self.id, messages.status(self, status, now))
end

-- A reading that has been checked. nil and why when it is none.
function Battery:take(r)
  if r.voltage == 0 then return nil, "0 V is what a monitor sends before it has measured" end
  local kept = self.kept
  local last = kept.last
  if last and r.stamped and r.time == last.time then return nil, "this reading is known already" end
  history.append(self, r)
  topics.publish(self.garage, "reading", self.id, messages.reading(self, r))
  if last and r.time < last.time then return true end -- Late: for the history only.
  local extra = r.extra
  r.extra, r.stamped = nil, nil
  kept.last = r
  charging.observe(self, r)
  history.observe(self, r, last)
  self:set_connected(true, extra)
  alerts.check_values(self, { voltage = r.voltage, current = r.current,
    temperature = r.temperature, state_of_charge = r.state_of_charge }, r.time)
  self.garage:refresh_soon(self)
  return true
end

-- Whoever has measured is there.
function Battery:set_connected(connected)
  if self.kept.connected == connected then return end
  self:take_status { connected = connected }
end

-- A status that has been checked.
function Battery:take_status(status)
  self.kept.status, self.kept.connected = status, status.connected
  self:publish_status(timer.wall())
  self.garage:refresh_soon(self)
end

function Battery:reading(r) return self:take(r) end

function Battery:status(status) self:take_status(status) end

-- Charging sessions, the newest first; options as those of `runs:list`.
function Battery:sessions(options) return charging.runs(self):list(options) end

-- Score from 0 to 100 or nil, the reasons, and the document's word.
function Battery:health()
  local score, reasons = health.of(self.garage, { health.snapshot(self, timer.wall()) })
  return score, reasons, health.word(score)
end

local function null(value) return value == nil and json.null or value end

local function health_message(battery, snapshot, score, reasons)
  return {
    device_id = battery.id, name = battery.name, vehicle_id = battery:vehicle_id(),
    score = null(score), health = health.word(score), reasons = summary.reasons(reasons),
    voltage = null(snapshot.voltage), current = null(snapshot.current),
    power = null(snapshot.power), temperature = null(snapshot.temperature),
    state_of_charge = null(snapshot.state_of_charge
      and math.floor(snapshot.state_of_charge * 10 + 0.5) / 10),
    charging = snapshot.charging, connected = snapshot.connected,
    drain_percent_per_day = null(snapshot.drain
      and math.floor(snapshot.drain.percent_per_day * 100 + 0.5) / 100),
    alerts = alerts.active(battery),
    last_reading_time = null(battery.kept.last and time.iso(battery.kept.last.time)),
  }
end

-- Scores it, looks after its alerts, and publishes its health when that says something new.
function Battery:refresh(now)
  local snapshot = health.snapshot(self, now)
  local score, reasons = health.of(self.garage, { snapshot })
  local last = self.kept.last or {}
  alerts.check_values(self, {
    health = score, age = snapshot.age, drain = snapshot.drain and snapshot.drain.percent_per_day,
    voltage = last.voltage, current = last.current, temperature = last.temperature,
    state_of_charge = last.state_of_charge,
  }, now)
  local payload = health_message(self, snapshot, score, reasons)
  local says = json.encode(payload)
  if says == self.kept.health_sent then return end
  self.kept.health_sent = says
  payload.timestamp = time.iso(now)
  topics.publish(self.garage, "health", self.id, payload)
end

-- Silent for too long: it counts as gone.
function Battery:look_at_age(now)
  local kept = self.kept
  local silent = kept.last and now - kept.last.time
  if not kept.connected or not silent or silent < self.garage.offline_after then return end
  self:take_status { connected = false,
    error_message = ("no reading for %.1f h"):format(silent / 3600) }
end

local RANGES = { from = { 0, 1e11 }, to = { 0, 1e11 }, limit = { 1, 1000 } }

local function check_range(what, options)
  if options == nil then return nil end
  if type(options) ~= "table" then
    error(("%s: a table of options expected, got %s"):format(what, type(options)), 0)
  end
  declaration.check_options(what, options, { "from", "to", "limit" })
  for name, value in pairs(options) do
    local low, high = unpack(RANGES[name])
    local number = type(value) == "number" and value >= low and value <= high
    if not number or (name == "limit" and value % 1 ~= 0) then
      error(("%s: %s: a number from %d to %.0f expected, got %s"):format(what, name, low, high,
        tostring(value)), 0)
    end
  end
  return options
end

guard(Battery, "battery", {
  reading = reading.check,
  status = status_options.check,
  sessions = check_range,
  health = function() end,
})

return Battery
