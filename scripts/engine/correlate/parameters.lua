-- What an author may set about the matching of shots and impacts.
local learning = require "engine.correlate.learning"
local options = require "engine.impact.options"

local NUMBERS = {
  { "expected", 0.1, -10, 10 },
  { "tolerance", 0.2, 0.001, 10 },
  { "before", 0.1, 0, 10 },
  { "after", 0.5, 0, 10 },
  { "lateness", 0.1, 0, 10 },
  { "min_magnitude", 0, 0, 1e9 },
}
local FUNCTIONS = { "on_match", "on_missed", "on_stray" }

local parameters_of = {}

function parameters_of.read(what, given)
  local others = { "learning", unpack(FUNCTIONS) }
  local read = options.numbers(what, given, NUMBERS, others)
  for _, name in ipairs(FUNCTIONS) do
    read[name] = options.check_function(what .. ": " .. name, (given or {})[name])
  end
  local wanted = (given or {}).learning
  if wanted ~= false then read.learning = learning.read(what .. ": learning", wanted) end
  if read.before + read.after <= 0 then
    options.fail("%s: before and after: a window of more than 0 s expected", what)
  end
  return read
end

return parameters_of
