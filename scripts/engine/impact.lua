-- Finds impacts in the samples of an accelerometer on a plate.
local Calibration = require "engine.impact.calibration"
local HitDetector = require "engine.impact.hit_detector"
local OnsetDetector = require "engine.impact.onset_detector"
local options = require "engine.impact.options"

local impact = {}

local function check_data(what, data)
  if data ~= nil and type(data) ~= "table" then
    options.fail("%s: data: the table of a former one expected, got %s", what, type(data))
  end
end

local function maker(what, Class)
  return function(given, data)
    local parameters = options.checked(2, function()
      check_data(what, data)
      return Class.read(what, given)
    end)
    return Class.new(parameters, data)
  end
end

impact.detector = maker("impact.detector", HitDetector)
impact.onset = maker("impact.onset", OnsetDetector)
impact.calibration = maker("impact.calibration", Calibration)

return impact
