-- Reads the options of a library: numbers with their defaults and bounds, strict about all else.
local declaration = require "engine.scene.declaration"

local options = {}

-- Errors carry no position of their own: `options.checked` adds the author's line.
function options.fail(message, ...) error(message:format(...), 0) end

-- Calls `fn(...)`; what it raises is raised at `level`, as by `error` in the function that
-- calls this.
function options.checked(level, fn, ...)
  local ok, result = pcall(fn, ...)
  if not ok then error(result, level + 1) end
  return result
end

function options.check_names(what, given, names)
  if type(given) ~= "table" then
    options.fail("%s: a table of options expected, got %s", what, type(given))
  end
  declaration.check_options(what, given, names)
end

function options.check_number(what, value, low, high)
  if type(value) ~= "number" or not (value >= low and value <= high) then
    options.fail("%s: a number from %g to %g expected, got %s", what, low, high, tostring(value))
  end
  return value
end

function options.check_function(what, value)
  if value ~= nil and type(value) ~= "function" then
    options.fail("%s: a function expected, got %s", what, type(value))
  end
  return value
end

-- Of a method that is called for each sample: its arguments are numbers.
function options.check_sample(what, time, value)
  if type(time) ~= "number" or type(value) ~= "number" or time ~= time then
    error(("%s: a time and a number expected, got %s and %s"):format(what, tostring(time),
      tostring(value)), 3)
  end
end

-- A name that can be a level of a topic.
function options.check_id(what, value)
  if type(value) ~= "string" or value == "" or value:find "[/+#%z]" then
    options.fail("%s: a name without / + and # expected, got %s", what, tostring(value))
  end
  return value
end

-- `known` is a list of { name, default, low, high }, `others` names that the caller reads himself.
-- Returns a table in which every number of `known` is set.
function options.numbers(what, given, known, others)
  given = given == nil and {} or given
  local names, read = {}, {}
  for number, each in ipairs(known) do names[number] = each[1] end
  for _, name in ipairs(others or {}) do names[#names + 1] = name end
  options.check_names(what, given, names)
  for _, each in ipairs(known) do
    local name, default = each[1], each[2]
    local value = given[name]
    read[name] = value == nil and default
      or options.check_number(what .. ": " .. name, value, each[3], each[4])
  end
  return read
end

return options
