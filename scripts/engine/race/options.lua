-- Checks what an author declares of a race, and fills in what is left out.
local declaration = require "engine.scene.declaration"
local heats = require "engine.race.heats"

local options = {}

local KNOWN = {
  "dips", "dnf_after", "dnf_time", "heats", "lanes", "minimum_time", "names", "on_event", "prefix",
  "scoring", "source", "start_device", "start_hold",
}

-- How the DIP switches of a lane timer name its lane (derby system, finish timer).
local DIPS = { ["1000"] = 1, ["1001"] = 2, ["1010"] = 3, ["1011"] = 4 }

-- Errors carry no position of their own: the caller adds the author's line.
local function fail(message, ...) error(message:format(...), 0) end

local function check_function(what, value)
  if value ~= nil and type(value) ~= "function" then
    fail("%s: a function expected, got %s", what, type(value))
  end
end

local function read_lanes(value)
  if type(value) ~= "number" or not (value >= 1 and value <= 16) or value % 1 ~= 0 then
    fail("lanes: a number from 1 to 16 expected, got %s", tostring(value))
  end
  return value
end

local function read_level(what, value, default)
  if value == nil then return default end
  if type(value) ~= "string" or value == "" or value:find "[+#%z]" then
    fail("%s: text without + and # expected, got %s", what, tostring(value))
  end
  return value
end

local function read_seconds(what, value, default)
  declaration.check_seconds(what, value, true)
  return value or default
end

local function read_dips(dips)
  if dips == nil then return DIPS end
  if type(dips) ~= "table" then
    fail("dips: a table such as { [\"1000\"] = 1 } expected, got %s", type(dips))
  end
  local read = {}
  for dip, lane in pairs(dips) do
    if type(dip) ~= "string" then
      fail("dips: %s: text expected, such as \"1000\", got a %s", tostring(dip), type(dip))
    end
    if type(lane) ~= "number" or not (lane >= 1 and lane <= 16) or lane % 1 ~= 0 then
      fail("dips: %s: a lane from 1 to 16 expected, got %s", dip, tostring(lane))
    end
    read[dip] = lane
  end
  return read
end

local function read_names(names)
  local read = {}
  if names ~= nil and type(names) ~= "table" then
    fail("names: a table such as { [42] = \"Mia\" } expected, got %s", type(names))
  end
  for number, name in pairs(names or {}) do
    local racer = heats.racer("names", number)
    if type(name) ~= "string" then
      fail("names: %s: text expected, got %s", racer, type(name))
    end
    read[racer] = name
  end
  return read
end

local SCORINGS = { average = true, drop_slowest = true, best = true }

local function read_scoring(scoring)
  if scoring == nil then return "average" end
  if type(scoring) == "function" or SCORINGS[scoring] then return scoring end
  fail("scoring: \"average\", \"drop_slowest\", \"best\" or a function expected, got %s",
    tostring(scoring))
end

local function check_source(source)
  if source == nil then return end
  if type(source) ~= "table" then fail("source: a table expected, got %s", type(source)) end
  declaration.check_options("source", source, { "next", "find", "report" })
  if source.next == nil then fail("source: next: a function expected, got nil") end
  for _, name in ipairs { "next", "find", "report" } do
    check_function("source: " .. name, source[name])
  end
end

-- What was declared, with the defaults; raises on the first thing that is wrong.
function options.read(given)
  if type(given) ~= "table" then fail("a table of options expected, got %s", type(given)) end
  declaration.check_options("options", given, KNOWN)
  local lanes = read_lanes(given.lanes)
  check_source(given.source)
  if given.source and given.heats then fail("either heats or source expected") end
  check_function("on_event", given.on_event)
  local dnf_after = read_seconds("dnf_after", given.dnf_after, 90)
  return {
    lanes = lanes,
    list = heats.read_list(given.heats or {}, lanes),
    source = given.source,
    names = read_names(given.names),
    dips = read_dips(given.dips),
    start_device = read_level("start_device", given.start_device, "starttimer"),
    dnf_after = dnf_after,
    dnf_time = read_seconds("dnf_time", given.dnf_time, dnf_after),
    minimum_time = read_seconds("minimum_time", given.minimum_time, 0),
    start_hold = read_seconds("start_hold", given.start_hold, 0),
    scoring = read_scoring(given.scoring),
    on_event = given.on_event,
    prefix = read_level("prefix", given.prefix, "derbynet"),
  }
end

return options
