-- Checks what declares a service.
local declaration = require "engine.scene.declaration"

local OPTIONS = {
  "type", "version", "dependencies", "endpoints", "metadata", "commands", "on_ready",
  "on_shutdown", "heartbeat_interval", "dependency_timeout",
}

-- Errors carry no position of their own: the caller adds the author's line.
local function fail(message, ...) error(message:format(...), 0) end

local check = {}

-- One level of a topic.
function check.id(what, id)
  if type(id) ~= "string" or id == "" or id:find "[/+#%z]" or not pcall(json.encode, id) then
    fail("%s: a name without / + and # expected, got %s", what,
      type(id) == "string" and "'" .. id .. "'" or type(id))
  end
end

local function check_kind(options, name, kind)
  local value = options[name]
  if value ~= nil and type(value) ~= kind then
    fail("%s: %s expected, got %s", name, kind, type(value))
  end
end

local function check_commands(commands)
  for name, fn in pairs(commands or {}) do
    if type(name) ~= "string" or type(fn) ~= "function" then
      fail("commands: names and functions expected, such as { calibrate = function(parameters) "
        .. "end }, got %s = %s", tostring(name), type(fn))
    end
  end
end

function check.options(options)
  if type(options) ~= "table" then fail("a table of options expected, got %s", type(options)) end
  declaration.check_options("options", options, OPTIONS)
  for _, name in ipairs { "type", "version" } do check_kind(options, name, "string") end
  for _, name in ipairs { "dependencies", "endpoints", "metadata", "commands" } do
    check_kind(options, name, "table")
  end
  for _, name in ipairs { "on_ready", "on_shutdown" } do check_kind(options, name, "function") end
  for number, id in ipairs(options.dependencies or {}) do
    check.id(("dependencies: entry %d"):format(number), id)
  end
  check_commands(options.commands)
  declaration.check_seconds("heartbeat_interval", options.heartbeat_interval, true)
  if options.heartbeat_interval and options.heartbeat_interval < 0.1 then
    fail("heartbeat_interval: at least 0.1 s expected, got %g", options.heartbeat_interval)
  end
  declaration.check_seconds("dependency_timeout", options.dependency_timeout, true)
end

return check
