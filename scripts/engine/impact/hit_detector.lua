-- Hits on one plate: the amplitude rises over its baseline and falls again (LeadVille,
-- HitDetector).
local minimum = require "engine.impact.minimum"
local options = require "engine.impact.options"

local HitDetector = {}
HitDetector.__index = HitDetector

local NUMBERS = {
  { "trigger_high", 0.05, 0, 1e9 },
  { "trigger_low", 0.01, 0, 1e9 },
  { "ring_min", 0.010, 0, 10 },
  { "dead_time", 0.050, 0, 10 },
  { "warmup", 2.0, 0, 3600 },
  { "baseline_min", 1e-6, 0, 1e9 },
  { "min_amp", 0.01, 0, 1e9 },
  { "ring_decay", 0, 0, 10 },
}
local BASELINE_SAMPLES = 100
local FIRST_BASELINE = 10
local FALLBACK_SAMPLES, OF_PEAK, OF_PREVIOUS = 3, 0.6, 0.55
local SLACK = 1e-6 -- Time stamps are good to a microsecond.
local GAP = 0.5    -- After a longer silence a hit under way is over.

function HitDetector.read(what, given)
  local read = options.numbers(what, given, NUMBERS)
  if read.trigger_low > read.trigger_high then
    options.fail("%s: trigger_low: at most trigger_high (%g) expected, got %g", what,
      read.trigger_high, read.trigger_low)
  end
  return read
end

-- `data` is plain, and is what one detector hands to its successor.
function HitDetector.new(parameters, data)
  data = data or {}
  if not data.minimum then
    data.minimum = minimum.new(BASELINE_SAMPLES)
    data.baseline, data.triggered = parameters.baseline_min, false
    data.released, data.last_peak, data.last_peak_time = -math.huge, 0, -math.huge
  end
  return setmetatable({ parameters = parameters, data = data }, HitDetector)
end

local function begin(data, time, amplitude)
  data.triggered, data.samples = true, 1
  data.onset, data.peak, data.peak_time = time, amplitude, time
  data.squares, data.previous = amplitude * amplitude, amplitude
end

-- The end of a triggered stretch: the hit, or nil when it was too short for one.
local function release(data, parameters, time)
  data.triggered = false
  local duration = time - data.onset
  if duration + SLACK < parameters.ring_min then return nil end
  data.released, data.last_peak, data.last_peak_time = time, data.peak, data.peak_time
  return {
    time = data.peak_time,
    onset = data.onset,
    duration = duration,
    peak = data.peak,
    rms = math.sqrt(data.squares / data.samples),
    samples = data.samples,
    baseline = data.baseline,
  }
end

local function follow(data, parameters, time, amplitude, over)
  local previous = data.previous
  data.samples = data.samples + 1
  data.squares = data.squares + amplitude * amplitude
  data.previous = amplitude
  if amplitude > data.peak then data.peak, data.peak_time = amplitude, time end
  local fallen = amplitude <= OF_PEAK * data.peak or amplitude <= OF_PREVIOUS * previous
  local rung = time - data.onset + SLACK >= parameters.ring_min
  if over <= parameters.trigger_low
    or (fallen and rung and data.samples >= FALLBACK_SAMPLES) then
    return release(data, parameters, time)
  end
end

-- A new hit has to stand out of what the last one still rings.
local function stands_out(data, parameters, time, over)
  if over < parameters.trigger_high then return false end
  if parameters.ring_decay == 0 then return true end
  local since = time - data.last_peak_time
  return over >= parameters.trigger_high + data.last_peak * math.exp(-since / parameters.ring_decay)
end

-- The sample ends a hit: the hit. Else nil. Samples that are no later than the last are left out.
function HitDetector:sample(time, amplitude)
  options.check_sample("detector:sample", time, amplitude)
  local data, parameters = self.data, self.parameters
  if not (amplitude >= 0 and amplitude < math.huge) then return nil end
  if data.last and time <= data.last then return nil end
  local hit
  if data.triggered and time - data.last > GAP then hit = release(data, parameters, data.last) end
  data.first = data.first or time
  data.last = time
  local smallest = minimum.push(data.minimum, amplitude)
  if data.minimum.count < FIRST_BASELINE then return hit end
  data.baseline = smallest > parameters.baseline_min and smallest or parameters.baseline_min
  if time - data.first + SLACK < parameters.warmup then return hit end
  local over = amplitude - data.baseline
  if data.triggered then return follow(data, parameters, time, amplitude, over) end
  if amplitude < parameters.min_amp then return hit end
  if time - data.released + SLACK < parameters.dead_time then return hit end
  if stands_out(data, parameters, time, over) then begin(data, time, amplitude) end
  return hit
end

function HitDetector:status()
  local data = self.data
  return {
    warmed_up = data.first ~= nil and data.minimum.count >= FIRST_BASELINE
      and data.last - data.first + SLACK >= self.parameters.warmup,
    baseline = data.baseline,
    sample_count = data.minimum.count,
    triggered = data.triggered,
  }
end

return HitDetector
