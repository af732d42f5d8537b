-- What a sensor reads while nothing happens: its rest position and its noise (LeadVille, section
-- "Calibration" of our facts: 100 stationary samples, 30 s, outliers by the quartiles).
local options = require "engine.impact.options"

local Calibration = {}
Calibration.__index = Calibration

local NUMBERS = {
  { "samples", 100, 4, 100000 },
  { "timeout", 30, 0.1, 3600 },
  { "max_noise", math.huge, 0, math.huge },
}
local AXES = { "x", "y", "z" }
local WHISKER = 1.5

function Calibration.read(what, given) return options.numbers(what, given, NUMBERS) end

-- `data` is plain, as a detector's: `data.result` once it is done, `data.problem` if it failed.
function Calibration.new(parameters, data)
  data = data or {}
  if not data.state then data.state, data.x, data.y, data.z = "collecting", {}, {}, {} end
  return setmetatable({ parameters = parameters, data = data }, Calibration)
end

-- Of a sorted list, between its elements if need be; `share` from 0 to 1.
local function quantile(sorted, share)
  local place = 1 + share * (#sorted - 1)
  local below = math.floor(place)
  local above = math.min(below + 1, #sorted)
  return sorted[below] + (place - below) * (sorted[above] - sorted[below])
end

local function without_outliers(values)
  local sorted = {}
  for number, value in ipairs(values) do sorted[number] = value end
  table.sort(sorted)
  local low, high = quantile(sorted, 0.25), quantile(sorted, 0.75)
  local reach = WHISKER * (high - low)
  local kept = {}
  for _, value in ipairs(sorted) do
    if value >= low - reach and value <= high + reach then kept[#kept + 1] = value end
  end
  return kept
end

local function deviation(values)
  local sum = 0
  for _, value in ipairs(values) do sum = sum + value end
  local mean, squares = sum / #values, 0
  for _, value in ipairs(values) do squares = squares + (value - mean) ^ 2 end
  return math.sqrt(squares / math.max(#values - 1, 1))
end

local function evaluate(data)
  local result = { baseline = {}, noise = {}, samples = #data.x, outliers = 0 }
  for _, axis in ipairs(AXES) do
    local kept = without_outliers(data[axis])
    result.baseline[axis] = quantile(kept, 0.5)
    result.noise[axis] = deviation(kept)
    result.outliers = result.outliers + #data[axis] - #kept
  end
  return result
end

local function loudest(noise) return math.max(noise.x, noise.y, noise.z) end

local function finish(data, parameters)
  local result = evaluate(data)
  data.x, data.y, data.z = {}, {}, {}
  if loudest(result.noise) <= parameters.max_noise then
    data.state, data.result, data.problem = "done", result, nil
  else
    data.moved = loudest(result.noise)
  end
end

-- Fails when the time is over: call it now and then, as no sample may come any more.
function Calibration:check(time)
  local data, parameters = self.data, self.parameters
  data.began = data.began or time
  if data.state ~= "collecting" or time - data.began < parameters.timeout then return data.state end
  data.state = "failed"
  data.problem = data.moved
    and ("not stationary: noise %.4g, at most %.4g"):format(data.moved, parameters.max_noise)
    or ("%d of %d samples within %g s"):format(#data.x, parameters.samples, parameters.timeout)
  data.x, data.y, data.z = {}, {}, {}
  return data.state
end

-- Takes in a sample. Returns "collecting", "done" or "failed".
function Calibration:sample(time, x, y, z)
  options.check_sample("calibration:sample", time, x)
  options.check_sample("calibration:sample", y, z)
  local data = self.data
  if self:check(time) ~= "collecting" then return data.state end
  local count = #data.x + 1
  data.x[count], data.y[count], data.z[count] = x, y, z
  if count >= self.parameters.samples then finish(data, self.parameters) end
  return data.state
end

return Calibration
