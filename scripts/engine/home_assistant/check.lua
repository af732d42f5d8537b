-- Checks a device and its components against what Home Assistant documents.
local declaration = require "engine.scene.declaration"
local keys = require "engine.home_assistant.keys"
local topics = require "engine.scene.topics"

local check = {}

-- Errors carry no position of their own: the caller adds the author's line.
local function fail(message, ...) error(message:format(...), 0) end

local function names(of)
  local list = {}
  for name in pairs(of) do list[#list + 1] = name end
  table.sort(list)
  return list
end

local function is_text(value) return type(value) == "string" and value ~= "" end

local function is_list(value) return type(value) == "table" and #value > 0 end

local function is_whole(value, low, high)
  return type(value) == "number" and value % 1 == 0 and value >= low and value <= high
end

local KINDS = {
  text = { type = "text", is = is_text },
  topic = { type = "a topic", is = is_text },
  boolean = { type = "true or false", is = function(value) return type(value) == "boolean" end },
  number = { type = "a number",
    is = function(value) return type(value) == "number" and math.abs(value) < math.huge end },
  count = { type = "a whole number from 0",
    is = function(value) return is_whole(value, 0, 2 ^ 31) end },
  qos = { type = "0, 1 or 2", is = function(value) return is_whole(value, 0, 2) end },
  list = { type = "a list", is = is_list },
  ["text or list"] = { type = "text, or a list of texts",
    is = function(value) return is_text(value) or is_list(value) end },
}

local function shown(value) return value == "" and "''" or tostring(value) end

local function check_value(what, key, value, kind)
  local plain = kind:gsub(" null$", "")
  if plain ~= kind and value == json.null then return end
  if not KINDS[plain].is(value) then
    fail("%s: %s: %s expected, got %s", what, key, KINDS[plain].type, shown(value))
  end
  if plain == "topic" then topics.check_filter(("%s: %s"):format(what, key), value) end
end

-- Every key of `given` must be one of `known`, with a value of its kind.
local function check_keys(what, given, known)
  if type(given) ~= "table" then fail("%s: a table expected, got %s", what, type(given)) end
  declaration.check_options(what, given, names(known))
  for key, value in pairs(given) do check_value(what, key, value, known[key]) end
end

local MODES = { all = true, any = true, latest = true }

local function check_availability(what, given)
  if given.availability and given.availability_topic then
    fail("%s: either availability or availability_topic, not both", what)
  end
  for number, entry in ipairs(given.availability or {}) do
    local which = ("%s: availability: entry %d"):format(what, number)
    check_keys(which, entry, keys.availability)
    if not entry.topic then fail("%s: topic: a topic expected, got nil", which) end
  end
  local mode = given.availability_mode
  if mode and not MODES[mode] then
    fail("%s: availability_mode: 'all', 'any' or 'latest' expected, got '%s'", what, mode)
  end
end

local READS_ONLY = { sensor = true, binary_sensor = true }

-- Rules between keys (pages of the platforms).
local function check_rules(what, component)
  local category = component.entity_category
  local reads_only = READS_ONLY[component.platform]
  if category and category ~= "diagnostic" and (reads_only or category ~= "config") then
    fail("%s: entity_category: %s expected, got '%s'", what,
      reads_only and "'diagnostic'" or "'config' or 'diagnostic'", category)
  end
  if component.platform ~= "sensor" then return end
  if component.options and (component.device_class ~= "enum" or component.state_class
      or component.unit_of_measurement) then
    fail("%s: options need device_class = 'enum', no state_class and no unit_of_measurement", what)
  end
  if component.last_reset_value_template and component.state_class ~= "total" then
    fail("%s: last_reset_value_template needs state_class = 'total'", what)
  end
end

local function check_platform(what, component)
  local platform = component.platform
  if keys.platforms[platform] then return end
  local known = names(keys.platforms)
  local meant = type(platform) == "string" and script.nearest(platform, known)
  fail("%s: platform: one of %s expected, got %s%s", what, table.concat(known, ", "),
    shown(platform), meant and (", did you mean '%s'?"):format(meant) or "")
end

-- A part of a discovery topic (integrations/mqtt, "Discovery topic").
function check.id(what, id)
  if type(id) ~= "string" or not id:find "^[%w_-]+$" then
    fail("%s: letters, digits, _ and - expected, got %s", what, shown(id))
  end
end

-- One component; `shared` holds what it need not say itself.
function check.component(what, component, shared)
  if type(component) ~= "table" then
    fail("%s: a table expected, got %s", what, type(component))
  end
  check_platform(what, component)
  check_keys(what, component, keys.platforms[component.platform])
  for _, key in ipairs(keys.required[component.platform]) do
    if component[key] == nil and shared[key] == nil then
      fail("%s: %s: a %s needs one", what, key, component.platform)
    end
  end
  check_availability(what, component)
  check_rules(what, component)
end

function check.device(what, device)
  check_keys(what, device, keys.device)
  if not device.identifiers and not device.connections then
    fail("%s: identifiers or connections expected: they tell one device from another", what)
  end
  for number, pair in ipairs(device.connections or {}) do
    if type(pair) ~= "table" or not is_text(pair[1]) or not is_text(pair[2]) or #pair ~= 2 then
      fail("%s: connections: entry %d: { type, identifier } expected, such as { \"mac\", "
        .. "\"AA:BB:CC:DD:EE:FF\" }", what, number)
    end
  end
end

function check.origin(what, origin)
  check_keys(what, origin, keys.origin)
  if not origin.name then fail("%s: name: text expected, got nil", what) end
end

function check.shared(what, shared)
  check_keys(what, shared, keys.shared)
  check_availability(what, shared)
end

return check
