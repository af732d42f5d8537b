-- Tests of scripts: `describe` and `it`, and what they use to steer the world and to look at it.
-- Loaded into every *_test.lua by `engine test`, whose C++ part is the table `rehearsal`.
local expectations = require "engine.test.expectations"

local suite = { cases = {} }
local group -- The `describe` whose body runs.

local function expect_function(what, fn)
  if type(fn) ~= "function" then
    error(("%s: function expected, got %s"):format(what, type(fn)), 3)
  end
end

local function expect_name(what, name)
  if type(name) ~= "string" or name == "" then
    error(("%s: a name expected, got %s"):format(what, type(name)), 3)
  end
end

function _G.describe(name, fn)
  expect_name("describe", name)
  expect_function("describe", fn)
  local outer = group
  group = { outer = outer, name = outer and outer.name .. " " .. name or name,
    before = {}, after = {} }
  fn()
  group = outer
end

function _G.it(name, fn)
  expect_name("it", name)
  expect_function("it", fn)
  table.insert(suite.cases, { name = group and group.name .. " " .. name or name, fn = fn,
    group = group })
end

local function hook(what, list)
  return function(fn)
    expect_function(what, fn)
    if not group then error(what .. ": belongs into a describe", 2) end
    table.insert(group[list], fn)
  end
end

_G.before_each = hook("before_each", "before")
_G.after_each = hook("after_each", "after")

local function run_before(of)
  if not of then return end
  run_before(of.outer)
  for _, fn in ipairs(of.before) do fn() end
end

local function run_after(of)
  while of do
    for _, fn in ipairs(of.after) do fn() end
    of = of.outer
  end
end

-- Runs one test; its error, if any, is raised when what cleans up has run.
function suite.run(number)
  local case = suite.cases[number]
  local ok, err = xpcall(function()
    run_before(case.group)
    case.fn()
  end, debug.traceback)
  run_after(case.group)
  if not ok then error(err, 0) end
end

function suite.name(number)
  return suite.cases[number] and suite.cases[number].name
end

local function seconds(what, value)
  if type(value) ~= "number" or not (value >= 0 and value < 1e9) then
    error(("%s: seconds from 0 expected, got %s"):format(what, tostring(value)), 3)
  end
  return value
end

_G.clock = {
  now = rehearsal.now,
  advance = function(by) rehearsal.advance(seconds("clock.advance", by)) end,
}

_G.bus = expectations

-- What `stage` refuses is a failure of the test.
local function steer(what)
  return function(...)
    local ok, err = stage[what](...)
    if not ok then error(err, 2) end
  end
end

_G.scene = {
  start = steer "go", stop = steer "stop", pause = steer "pause", resume = steer "resume",
  jump = steer "jump", seek = steer "seek",
  status = function(name)
    for _, each in ipairs(stage.list()) do
      if each.name == name then return each end
    end
    error(("there is no scene '%s'"):format(tostring(name)), 2)
  end,
}

-- Faults of the scripts under test since the last call; those not asked for fail the test.
_G.faults = rehearsal.faults

_G.script = setmetatable({
  load = function(file)
    expect_name("script.load", file)
    local ok, err = rehearsal.load(file)
    if not ok then error(err, 2) end
  end,
}, { __index = script })

_G.media = setmetatable({
  duration = function(file, length)
    expect_name("media.duration", file)
    rehearsal.duration(file, seconds("media.duration", length))
  end,
}, { __index = media })

return suite
