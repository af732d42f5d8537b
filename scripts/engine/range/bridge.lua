-- The bridge itself: sensors and timer in; impacts, shots, strings and statuses out.
local Publisher = require "engine.range.publisher"
local Runs = require "engine.range.runs"
local Sensor = require "engine.range.sensor"
local ShotTimer = require "engine.range.shot_timer"
local correlate = require "engine.correlate"
local milliseconds = require("engine.range.string_of_fire").milliseconds

local Bridge = {}
Bridge.__index = Bridge

local NOTHING_FOR = 10 -- Seconds: after a longer absence of the engine all begins anew.

-- What the version before left: all of it, or after an absence only what was learned.
local function inherit(kept)
  local now = timer.now()
  if kept.alive and now >= kept.alive and now - kept.alive < NOTHING_FOR then return kept end
  local learned = kept.correlation or {}
  return {
    sensors = {}, timer = {}, runs = { last_id = (kept.runs or {}).last_id },
    publisher = {},
    correlation = { configured = learned.configured, expected = learned.expected,
      delays = learned.delays },
  }
end

-- Calls the author's function, if there is one. Its error is his, and stops nothing here.
local function tell(self, name, ...)
  local fn = self.range[name]
  if not fn then return end
  script.enter(fn)
  local ok, err = pcall(fn, ...)
  if not ok then script.fault("range: " .. name, err) end
end

-- Milliseconds to the microsecond: the clock's own digits end there.
local function fine_milliseconds(time) return math.floor(time * 1e6 + 0.5) / 1e3 end

local function nanoseconds(time) return math.floor(time * 1e9) end

local function t_rel_ms(self, time)
  local string = self.runs:current()
  return string and milliseconds(time - string.t0) or json.null
end

local function publish_hit(self, sensor, hit)
  self.publisher:event("/detection/impacts", "HIT", {
    sensor_id = sensor.id, plate_id = sensor.plate, coordinates = sensor.coordinates,
    peak_amplitude = hit.peak, rms_amplitude = hit.rms,
    duration_ms = fine_milliseconds(hit.duration), samples = hit.samples,
    baseline = hit.baseline, onset_ns = nanoseconds(hit.onset),
    timestamp_ns = nanoseconds(hit.time), t_rel_ms = t_rel_ms(self, hit.time),
  }, { sensor_id = sensor.id, run_id = self.runs:current() and self.runs:current().run_id,
    when = hit.time })
end

local function take_hit(self, sensor, hit)
  publish_hit(self, sensor, hit)
  log.info("plate %s hit: %.2f for %d ms", sensor.plate, hit.peak, milliseconds(hit.duration))
  tell(self, "on_hit", sensor.plate, hit)
  self.correlator:impact(hit.time, hit.peak, { sensor = sensor.id, plate = sensor.plate })
  self:wake()
end

local function take_shot(self, event, time)
  local shot = self.runs:shot(event, time)
  local string = self.runs:current()
  if string and not shot then return end -- Told twice, or after the stop.
  local data = self.timer:data_of(event, time)
  data.t_rel_ms = t_rel_ms(self, time)
  if shot then
    data.shot_no = shot.number
    data.timing_error_ms = milliseconds(time - string.t0 - shot.elapsed)
    log.info("shot %d at %.2f s (split %.2f s)", shot.number, shot.elapsed, shot.split)
  end
  local run_id = string and string.run_id
  self.publisher:event("/detection/shots", "SHOT", data, { run_id = run_id, when = time })
  tell(self, "on_shot", data)
  self.correlator:shot(time, { number = shot and shot.number or event.shot, run_id = run_id })
  self:wake()
end

local function take_match(self, match)
  local shot, impact = match.shot, match.impact
  log.info("shot %s hit %s after %d ms (confidence %.2f)", shot.number or "?", impact.plate,
    milliseconds(match.delay), match.confidence)
  self.publisher:event("/detection/shots", "SHOT_MATCHED", {
    shot_no = shot.number or json.null, sensor_id = impact.sensor, plate_id = impact.plate,
    peak_amplitude = impact.magnitude, delay_ms = fine_milliseconds(match.delay),
    expected_delay_ms = fine_milliseconds(self.correlator:expected()),
    confidence = match.confidence, quality = match.quality,
    shot_ns = nanoseconds(shot.time), impact_ns = nanoseconds(impact.time),
  }, { run_id = shot.run_id })
  self.runs:match(match)
  tell(self, "on_match", match)
end

local function take_missed(self, shot)
  log.info("shot %s hit nothing", shot.number or "?")
  self.publisher:event("/detection/shots", "SHOT_MISSED",
    { shot_no = shot.number or json.null, shot_ns = nanoseconds(shot.time) },
    { run_id = shot.run_id })
  self.runs:missed(shot)
end

local function take_stray(self, impact)
  self.publisher:event("/detection/impacts", "IMPACT_UNMATCHED", { sensor_id = impact.sensor,
    plate_id = impact.plate, peak_amplitude = impact.magnitude,
    timestamp_ns = nanoseconds(impact.time) }, { sensor_id = impact.sensor })
end

local function new_correlator(self, range, data)
  local parameters = {}
  for name, value in pairs(range.correlation) do parameters[name] = value end
  parameters.on_match = function(match) take_match(self, match) end
  parameters.on_missed = function(shot) take_missed(self, shot) end
  parameters.on_stray = function(impact) take_stray(self, impact) end
  return correlate(parameters, data)
end

local function new_sensors(self, range, data)
  local listener = {
    hit = function(sensor, hit) take_hit(self, sensor, hit) end,
    changed = function(sensor) self:publish_sensor(sensor) end,
  }
  for _, definition in ipairs(range.sensors) do
    data[definition.id] = data[definition.id] or {}
    local sensor = Sensor.new(definition,
      { detector = definition.detector, calibration = range.calibration }, data[definition.id],
      listener)
    self.sensors[definition.id] = sensor
    self.order[#self.order + 1] = sensor
  end
end

local function new_timer(self, range, data)
  return ShotTimer.new(range.timer, self.publisher, data, {
    start = function(time)
      self.runs:start(time)
      self:wake()
    end,
    shot = function(event, time) take_shot(self, event, time) end,
    stop = function(time)
      self.runs:stop(time)
      self:wake()
    end,
    changed = function() self:publish_timer() end,
  })
end

-- `range` as declaration.read gives it; `kept` is what the version before left. Returns the bridge
-- and what it leaves to the next.
function Bridge.new(range, kept)
  local data = inherit(kept)
  local self = setmetatable({ range = range, data = data, sensors = {}, order = {} }, Bridge)
  self.publisher = Publisher.new(range.prefix, range.name, data.publisher)
  self.correlator = new_correlator(self, range, data.correlation)
  local parameters = self.correlator.parameters
  self.runs = Runs.new(range, self.publisher, data.runs, parameters.after + parameters.lateness,
    function(...) tell(self, "on_string", ...) end)
  self.timer = new_timer(self, range, data.timer)
  new_sensors(self, range, data.sensors)
  return self, data
end

function Bridge:publish_sensor(sensor)
  self.publisher:status(("/sensor/%s/status"):format(sensor.id), "sensor", sensor:status())
end

function Bridge:publish_timer()
  self.publisher:status("/timer/status", "timer", self.timer:status(self.correlator:expected()))
end

-- Does what is due, and comes back when something will be.
function Bridge:wake()
  if self.alarm then self.alarm:cancel() end
  local now = timer.now()
  local due = self.correlator:advance(now)
  self.runs:check(now)
  local other = self.runs:due()
  if other and (not due or other < due) then due = other end
  self.alarm = due and timer.after(math.max(due - now, 0.001), function() self:wake() end)
end

return Bridge
