-- Learns how long after its shot an impact is seen (LeadVille, timing_calibration: from the third
-- match on, a tenth of the way to the mean of the last twenty).
local options = require "engine.impact.options"

local learning = {}

local NUMBERS = {
  { "rate", 0.1, 0, 1 },
  { "keep", 20, 1, 1000 },
  { "after", 3, 1, 1000 },
  { "step", 0.001, 0, 10 },
  { "low", -10, -10, 10 },
  { "high", 10, -10, 10 },
}

function learning.read(what, given)
  local read = options.numbers(what, given, NUMBERS)
  if read.low > read.high then
    options.fail("%s: low: at most high (%g) expected, got %g", what, read.high, read.low)
  end
  return read
end

-- Takes in the delay of a match; moves `data.expected`, within the bounds, by no less than
-- a step.
function learning.take(data, parameters, delay)
  local delays = data.delays
  delays[#delays + 1] = delay
  while #delays > parameters.keep do table.remove(delays, 1) end
  if #delays < parameters.after then return end
  local sum = 0
  for _, each in ipairs(delays) do sum = sum + each end
  local moved = (1 - parameters.rate) * data.expected + parameters.rate * sum / #delays
  moved = math.min(math.max(moved, parameters.low), parameters.high)
  if math.abs(moved - data.expected) >= parameters.step then data.expected = moved end
end

return learning
