-- Makes envelopes: what a script gives, completed by what the document adds.
local declaration = require "engine.scene.declaration"
local kinds = require "engine.message.kinds"

local METADATA = { "sender", "priority", "correlation_id", "expires_in" }

-- Errors carry no position of their own: the caller adds the author's line.
local function fail(message, ...) error(message:format(...), 0) end

local function check_text(what, value, which)
  if type(value) ~= "string" or value == "" then
    fail("%s: %s expected, got %s", what, which, value == "" and "''" or type(value))
  end
end

local function known_options(kind)
  local names = { unpack(METADATA) }
  for _, name in ipairs(kind.fields) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function check_metadata(what, options)
  check_text(what .. ": sender", options.sender, "the id of who speaks")
  if options.priority ~= nil and not kinds.PRIORITIES[options.priority] then
    fail("%s: priority: \"low\", \"normal\", \"high\" or \"critical\" expected, got %s", what,
      tostring(options.priority))
  end
  if options.correlation_id ~= nil then
    check_text(what .. ": correlation_id", options.correlation_id, "text")
  end
  declaration.check_seconds(what .. ": expires_in", options.expires_in, true)
end

local TEXTS = {
  "sensor_type", "target", "command", "status", "event_type", "alert_type", "message",
}

local function check_payload(what, kind, options)
  for _, list in ipairs { kind.needs or {}, kind.asks or {} } do
    for _, name in ipairs(list) do
      if options[name] == nil then fail("%s: %s is missing", what, name) end
    end
  end
  for _, name in ipairs(TEXTS) do
    local value = options[name]
    if value ~= nil then check_text(("%s: %s"):format(what, name), value, "text") end
  end
  if options.success ~= nil and type(options.success) ~= "boolean" then
    fail("%s: success: true or false expected, got %s", what, type(options.success))
  end
  if options.severity ~= nil and not kinds.SEVERITIES[options.severity] then
    fail("%s: severity: \"info\", \"warning\", \"error\" or \"critical\" expected, got %s", what,
      tostring(options.severity))
  end
end

local function priority_of(kind, options)
  if options.priority then return kinds.PRIORITIES[options.priority] end
  if options.severity == "critical" then return kinds.PRIORITIES.critical end
  return kinds.PRIORITIES[kind.priority or "normal"]
end

-- The envelope of that kind; raises what is wrong with `options`, without a position.
return function(name, options)
  local kind, what = kinds.of[name], "message." .. name
  if type(options) ~= "table" then fail("%s: a table expected, got %s", what, type(options)) end
  declaration.check_options(what, options, known_options(kind))
  check_metadata(what, options)
  check_payload(what, kind, options)
  local payload = kind.defaults(options.sender)
  for _, field in ipairs(kind.fields) do
    if options[field] ~= nil then payload[field] = options[field] end
  end
  local now = timer.wall()
  return {
    metadata = {
      timestamp = now,
      message_id = script.uuid(),
      sender = options.sender,
      message_type = name,
      priority = priority_of(kind, options),
      correlation_id = options.correlation_id or (name == "command" and script.uuid() or nil),
      expires_at = options.expires_in and now + options.expires_in,
      retry_count = 0,
    },
    payload = payload,
  }
end
