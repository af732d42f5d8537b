-- Checks what an author has declared of a range, and fills in what he has left out.
local Calibration = require "engine.impact.calibration"
local HitDetector = require "engine.impact.hit_detector"
local correlation = require "engine.correlate.parameters"
local options = require "engine.impact.options"
local topics = require "engine.scene.topics"

local declaration = {}

local NAMES = { "prefix", "name", "timer", "sensors", "detector", "calibration", "correlation",
  "stage", "score", "on_hit", "on_shot", "on_match", "on_string" }
local SENSOR = { "id", "plate", "rate", "coordinates", "detector" }
local TARGET = { "plate", "hits", "category" }
local CATEGORIES = { primary = true, stop = true, penalty = true }

local function check_list(what, list)
  if type(list) ~= "table" or #list == 0 then
    options.fail("%s: a list of tables expected, got %s", what,
      type(list) == "table" and "an empty one" or type(list))
  end
end

local function merged(base, special)
  local all = {}
  for name, value in pairs(base or {}) do all[name] = value end
  for name, value in pairs(special or {}) do all[name] = value end
  return all
end

local function read_coordinates(what, given)
  if given == nil then return nil end
  local names = { "distance_feet", "offset_feet", "height_feet" }
  options.check_names(what, given, names)
  for name, value in pairs(given) do
    options.check_number(what .. ": " .. name, value, -1e6, 1e6)
  end
  return given
end

local function read_sensor(what, given, of_all)
  options.check_names(what, given, SENSOR)
  local id = options.check_id(what .. ": id", given.id)
  what = "range: sensor " .. id
  if given.detector ~= nil and type(given.detector) ~= "table" then
    options.fail("%s: detector: a table of options expected, got %s", what, type(given.detector))
  end
  return {
    id = id,
    plate = given.plate == nil and id or options.check_id(what .. ": plate", given.plate),
    rate = options.check_number(what .. ": rate", given.rate == nil and 100 or given.rate, 1, 1e4),
    coordinates = read_coordinates(what .. ": coordinates", given.coordinates),
    detector = HitDetector.read(what .. ": detector", merged(of_all, given.detector)),
  }
end

local function read_sensors(given, of_all)
  check_list("range: sensors", given)
  local sensors, ids, plates = {}, {}, {}
  for number, each in ipairs(given) do
    local sensor = read_sensor(("range: sensors: entry %d"):format(number), each, of_all)
    if ids[sensor.id] then options.fail("range: sensors: two are called '%s'", sensor.id) end
    if plates[sensor.plate] then options.fail("range: sensors: two on plate '%s'", sensor.plate) end
    ids[sensor.id], plates[sensor.plate] = true, true
    sensors[number] = sensor
  end
  return sensors, plates
end

local function read_target(what, given, plates)
  options.check_names(what, given, TARGET)
  local known = {}
  for plate in pairs(plates) do known[#known + 1] = plate end
  if not plates[given.plate] then
    local meant = type(given.plate) == "string" and script.nearest(given.plate, known)
    options.fail("%s: plate: one of the sensors' expected, got %s%s", what, tostring(given.plate),
      meant and (", did you mean '%s'?"):format(meant) or "")
  end
  if given.hits ~= nil then options.check_number(what .. ": hits", given.hits, 1, 1000) end
  if given.category ~= nil and not CATEGORIES[given.category] then
    options.fail("%s: category: \"primary\", \"stop\" or \"penalty\" expected, got %s", what,
      tostring(given.category))
  end
  return given
end

local function read_stage(given, plates, sensors)
  if given == nil then
    local targets = {}
    for number, sensor in ipairs(sensors) do targets[number] = { plate = sensor.plate } end
    return { targets = targets }
  end
  options.check_names("range: stage", given, { "name", "limit", "targets" })
  check_list("range: stage: targets", given.targets)
  for number, target in ipairs(given.targets) do
    read_target(("range: stage: target %d"):format(number), target, plates)
  end
  if given.name ~= nil then options.check_id("range: stage: name", given.name) end
  if given.limit ~= nil then options.check_number("range: stage: limit", given.limit, 1, 3600) end
  return given
end

local function read_timer(given)
  given = given == nil and {} or given
  options.check_names("range: timer", given, { "source", "mac" })
  for _, name in ipairs { "source", "mac" } do
    if given[name] ~= nil then options.check_id("range: timer: " .. name, given[name]) end
  end
  return { source = given.source or "AMG_Commander", mac = given.mac }
end

local function read_prefix(given)
  if given == nil then return "leadville" end
  topics.check_name("range: prefix", given)
  if given:find "/$" then
    options.fail("range: prefix: no / at its end expected, got '%s'", given)
  end
  return given
end

function declaration.read(given)
  options.check_names("range", given, NAMES)
  HitDetector.read("range: detector", given.detector)
  local sensors, plates = read_sensors(given.sensors, given.detector)
  local correlate = correlation.read("range: correlation", given.correlation)
  for _, name in ipairs { "on_match", "on_missed", "on_stray" } do
    if correlate[name] then options.fail("range: correlation: %s: not here", name) end
  end
  local read = {
    prefix = read_prefix(given.prefix),
    name = given.name == nil and config.site or options.check_id("range: name", given.name),
    timer = read_timer(given.timer),
    sensors = sensors,
    calibration = Calibration.read("range: calibration", given.calibration),
    correlation = given.correlation or {},
    stage = read_stage(given.stage, plates, sensors),
  }
  for _, name in ipairs { "score", "on_hit", "on_shot", "on_match", "on_string" } do
    read[name] = options.check_function("range: " .. name, given[name])
  end
  return read
end

return declaration
