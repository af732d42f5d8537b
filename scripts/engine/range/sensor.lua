-- One sensor and its plate: from readings to hits, and what is known of its health.
local impact = require "engine.impact"
local source_clock = require "engine.range.source_clock"

local Sensor = {}
Sensor.__index = Sensor

local SILENCE = 3          -- Seconds without a sample: it is gone.
local RESTARTED = 1000     -- A sequence number so far back is a new count ...
local JUMP = 5             -- ... and so is a stamp that many seconds back.
local RETRY_CALIBRATION = 1

-- `on` has the functions hit(sensor, hit) and changed(sensor). `data` is plain, and outlives a
-- reload.
function Sensor.new(definition, parameters, data, on)
  data.clock = data.clock or {}
  data.detector, data.calibration = data.detector or {}, data.calibration or {}
  data.samples, data.lost, data.rejected = data.samples or 0, data.lost or 0, data.rejected or 0
  data.reconnections = data.reconnections or 0
  local self = {
    id = definition.id, plate = definition.plate, coordinates = definition.coordinates,
    interval = 1 / definition.rate, data = data, on = on,
    detector = impact.detector(parameters.detector, data.detector),
    calibration = impact.calibration(parameters.calibration, data.calibration),
    calibration_options = parameters.calibration,
  }
  return setmetatable(self, Sensor)
end

local function fail_calibration(self, now)
  local data = self.data
  data.failed, data.error = now, "calibration: " .. data.calibration.problem
  log.warn("sensor %s: %s", self.id, data.error)
  self.on.changed(self)
end

local function calibrate(self, time, x, y, z)
  local before = self.data.calibration.state
  local state = self.calibration:sample(time, x, y, z)
  if state == before then return end
  if state == "done" then
    self.data.error = nil
    log.info("sensor %s is calibrated", self.id)
    self.on.changed(self)
  else
    fail_calibration(self, time)
  end
end

-- Begins the calibration anew, as at the start.
function Sensor:recalibrate()
  self.data.calibration, self.data.detector = {}, {}
  self.calibration = impact.calibration(self.calibration_options, self.data.calibration)
  self.detector = impact.detector(self.detector.parameters, self.data.detector)
  self.on.changed(self)
end

-- One sample, at a time of this machine's steady clock.
function Sensor:sample(time, x, y, z)
  local data = self.data
  data.samples = data.samples + 1
  local result = data.calibration.result
  if not result then return calibrate(self, time, x, y, z) end
  local rest = result.baseline
  local dx, dy, dz = x - rest.x, y - rest.y, z - rest.z
  local hit = self.detector:sample(time, math.sqrt(dx * dx + dy * dy + dz * dz))
  if hit then self.on.hit(self, hit) end
end

-- Whether the readings, numbered before those that were expected, have come before: then their
-- stamps go a little back too. A gateway that was started again numbers anew, with later stamps or
-- far earlier ones.
local function is_repeated(data, reading, behind)
  if not (reading.stamp and data.stamp) then return behind < RESTARTED end
  return reading.stamp <= data.stamp and reading.stamp > data.stamp - JUMP
end

-- False when the readings have come before.
local function in_sequence(data, reading)
  local first = reading.sequence
  if first then
    local expected = data.next_sequence or first
    if first < expected and is_repeated(data, reading, expected - first) then return false end
    if first > expected then data.lost = data.lost + first - expected end
    data.next_sequence = first + reading.count
  end
  data.stamp = reading.stamp
  return true
end

-- When the first of its samples was taken.
local function began(self, reading, interval, arrival)
  local length = (reading.count - 1) * interval
  if reading.stamp then
    return source_clock.to_local(self.data.clock, reading.stamp + length, arrival) - length
  end
  local last = self.data.last_time
  local time = arrival - length
  return last and time <= last and last + interval / 10 or time
end

-- It has been heard of.
function Sensor:seen(now)
  local data = self.data
  data.seen = now
  if data.connected then return end
  if data.connected == false then data.reconnections = data.reconnections + 1 end
  data.connected = true
  log.info("sensor %s on plate %s connected", self.id, self.plate)
  if data.calibration.state == "failed" then self:recalibrate() end
  self.on.changed(self)
end

-- Takes in a reading (telemetry.read) that arrived at `arrival`. Returns the time of its first
-- sample and the interval between them, or nil when it has come before.
function Sensor:take(reading, arrival)
  local data = self.data
  if not in_sequence(data, reading) then return nil end
  self:seen(arrival)
  data.battery, data.rssi = reading.battery or data.battery, reading.rssi or data.rssi
  data.temperature = reading.temperature or data.temperature
  local interval = reading.interval or self.interval
  local time = began(self, reading, interval, arrival)
  local x, y, z = reading.x, reading.y, reading.z
  for number = 1, reading.count do
    self:sample(time + (number - 1) * interval, x[number], y[number], z[number])
  end
  data.last_time = time + (reading.count - 1) * interval
  return time, interval
end

-- What it sent could not be read.
function Sensor:reject(why)
  local data = self.data
  data.rejected = data.rejected + 1
  if data.error == why then return end
  data.error = why
  log.warn("sensor %s: %s", self.id, why)
  self.on.changed(self)
end

local function check_calibration(self, now)
  local data = self.data
  if data.calibration.state == "failed" then
    if now - data.failed >= RETRY_CALIBRATION then self:recalibrate() end
  elseif data.calibration.began and self.calibration:check(now) == "failed" then
    fail_calibration(self, now)
  end
end

-- Once a second.
function Sensor:check(now)
  local data = self.data
  if data.connected and now - data.seen > SILENCE then
    data.connected = false
    log.warn("sensor %s is gone: no sample for %g s", self.id, SILENCE)
    self.on.changed(self)
  end
  if data.connected then check_calibration(self, now) end
end

function Sensor:status()
  local data = self.data
  local result = data.calibration.result or {}
  return {
    sensor_id = self.id, plate_id = self.plate, connected = data.connected or false,
    signal_strength = data.rssi or json.null, battery = data.battery or json.null,
    temperature = data.temperature or json.null,
    calibration = data.calibration.state, baseline = result.baseline or json.null,
    noise = result.noise or json.null, outliers = result.outliers or json.null,
    error = data.error or json.null, reconnections = data.reconnections,
    samples = data.samples, samples_lost = data.lost, messages_rejected = data.rejected,
  }
end

return Sensor
