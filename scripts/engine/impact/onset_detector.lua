-- Impacts by the moment they begin: all that stays over `onset` (LeadVille,
-- EnhancedImpactDetector).
local options = require "engine.impact.options"

local OnsetDetector = {}
OnsetDetector.__index = OnsetDetector

local NUMBERS = {
  { "onset", 30, 0, 1e9 },
  { "peak", 150, 0, 1e9 },
  { "min_samples", 3, 1, 1e6 },
}

function OnsetDetector.read(what, given)
  local read = options.numbers(what, given, NUMBERS)
  if read.onset > read.peak then
    options.fail("%s: onset: at most peak (%g) expected, got %g", what, read.peak, read.onset)
  end
  return read
end

function OnsetDetector.new(parameters, data)
  return setmetatable({ parameters = parameters, data = data or { samples = 0 } }, OnsetDetector)
end

-- LeadVille's weights: how high, how long, how sure.
local function confidence(parameters, peak, samples)
  return 0.4 * math.min(peak / parameters.onset / 5, 1)
    + 0.3 * math.min(samples / 6, 1)
    + 0.3 * math.min(peak / (1.5 * parameters.peak), 1)
end

local function finish(data, parameters, time)
  local samples, peak = data.samples, data.peak
  data.samples = 0
  if samples < parameters.min_samples or peak < parameters.peak then return nil end
  return {
    time = data.peak_time,
    onset = data.onset,
    duration = time - data.onset,
    peak = peak,
    samples = samples,
    confidence = confidence(parameters, peak, samples),
  }
end

-- The sample ends an impact (it is the first below `onset`, and counts): the impact. Else nil.
function OnsetDetector:sample(time, magnitude)
  options.check_sample("onset:sample", time, magnitude)
  local data, parameters = self.data, self.parameters
  if not (magnitude >= 0 and magnitude < math.huge) then return nil end
  if data.last and time <= data.last then return nil end
  data.last = time
  if magnitude >= parameters.onset then
    if data.samples == 0 then data.onset, data.peak = time, -1 end
    if magnitude > data.peak then data.peak, data.peak_time = magnitude, time end
    data.samples = data.samples + 1
  elseif data.samples > 0 then
    data.samples = data.samples + 1
    return finish(data, parameters, time)
  end
end

return OnsetDetector
