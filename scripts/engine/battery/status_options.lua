-- The status of a monitor as scripts give it (document, "Device Status Message").
local declaration = require "engine.scene.declaration"
local reading = require "engine.battery.reading"

local KNOWN = {
  connected = "boolean", error_code = "number", error_message = "string",
  protocol_version = "string", last_command = "string", extra = "table",
}
local names = {}
for name in pairs(KNOWN) do names[#names + 1] = name end
table.sort(names)

local status_options = {}

-- Raises without a position.
function status_options.check(what, status)
  if type(status) ~= "table" then
    error(("%s: a table such as { connected = true } expected, got %s"):format(what, type(status)),
      0)
  end
  declaration.check_options(what, status, names)
  for name, value in pairs(status) do
    if type(value) ~= KNOWN[name] then
      error(("%s: %s: %s expected, got %s"):format(what, name, KNOWN[name], type(value)), 0)
    end
  end
  if status.connected == nil then error(what .. ": connected: true or false expected", 0) end
  reading.check_extra(what, status.extra)
  return status
end

return status_options
