-- Checks what an author passes to the methods of a race, and raises at his line.
local heats = require "engine.race.heats"

local function check_text(value)
  if value ~= nil and (type(value) ~= "string" or value == "") then
    error(("text expected, got %s"):format(value == "" and "''" or type(value)), 0)
  end
end

local function check_round(value)
  if value ~= nil and (type(value) ~= "number" or value % 1 ~= 0) then
    error(("the number of a round expected, got %s"):format(tostring(value)), 0)
  end
end

local function check_nothing(value)
  if value ~= nil then error(("no argument expected, got %s"):format(type(value)), 0) end
end

local CHECKS = {
  stage = function(written, race)
    if written ~= nil then heats.read("heat", written, race.options.lanes) end
  end,
  abort = check_text,
  false_start = check_text,
  rerun = check_nothing,
  new_day = check_nothing,
  update = function(id)
    if type(id) ~= "string" or id == "" or id:find "[/+#%z]" then
      error(("the id of a device expected, got %s"):format(tostring(id)), 0)
    end
  end,
  status = check_nothing,
  results = check_round,
  standings = check_round,
}

local READS = { status = true, results = true, standings = true } -- Also while it is loaded.

local arguments = {}

-- For the class of what `race "name" { ... }` returns.
function arguments.guard(Race)
  for name, check in pairs(CHECKS) do
    local what, method = "race:" .. name, Race[name]
    Race[name] = function(self, argument)
      if type(self) ~= "table" or getmetatable(self) ~= Race then
        error(("%s: write it with a colon, %s(...)"):format(what, what), 2)
      end
      if script.loading() and not READS[name] then
        error(what .. ": not while the script is loaded; call it in a handler or a timer", 2)
      end
      local ok, err = pcall(check, argument, self)
      if not ok then error(("%s: %s"):format(what, err), 2) end
      return method(self, argument)
    end
  end
end

return arguments
