-- Envelopes: the mower document's messages, made, sent, and checked when they come in.
local codec = require "engine.message.codec"
local create = require "engine.message.create"
local declaration = require "engine.scene.declaration"
local kinds = require "engine.message.kinds"

local message = {}

local MAX_AGE = 300 -- Seconds.
local WARN_EVERY = 60 -- Seconds: the same complaint about the same topic.
local QOS_OF_PRIORITY = { [0] = 0, 1, 1, 2 }

local counts = { received = 0, invalid = 0, expired = 0, too_old = 0 }
local warned = {} -- By complaint: when it was made last.

for name in pairs(kinds.of) do
  message[name] = function(options)
    local ok, result = pcall(create, name, options)
    if not ok then error(result, 2) end
    return result
  end
end

local function check_envelope(what, envelope)
  if type(envelope) ~= "table" or not codec.is_envelope(envelope) then
    error(("%s: an envelope expected, such as message.event { ... } makes, got %s"):format(what,
      type(envelope)), 3)
  end
  local bad = codec.check(envelope)
  if bad then error(("%s: %s"):format(what, bad), 3) end
end

function message.encode(envelope)
  check_envelope("message.encode", envelope)
  local ok, text = pcall(codec.encode, envelope)
  if not ok then error("message.encode: " .. tostring(text), 2) end
  return text
end

local function checked(value)
  if not codec.is_envelope(value) then return nil end
  local bad = codec.check(value)
  if bad then return nil, bad end
  return value
end

function message.decode(text)
  if type(text) ~= "string" then
    error(("message.decode: string expected, got %s"):format(type(text)), 2)
  end
  return checked((json.decode(text)))
end

-- What makes an envelope out of date: the word for the count, and the text; or nothing.
local function out_of_date(metadata, max_age, retained)
  local now = timer.wall()
  if metadata.expires_at and metadata.expires_at <= now then
    return "expired", ("it expired %.1f s ago"):format(now - metadata.expires_at)
  end
  local age = now - metadata.timestamp
  if not retained and age > max_age then
    return "too_old", ("it is %.0f s old, more than %g s"):format(age, max_age)
  end
end

local function default_max_age()
  return config.services and config.services.max_message_age or MAX_AGE
end

local function check_max_age(what, max_age)
  if max_age == nil or max_age == math.huge then return end
  local ok, err = pcall(declaration.check_seconds, what .. ": max_age", max_age)
  if not ok then error(err, 3) end
end

local function read(msg, max_age)
  local envelope, bad = checked(msg.json)
  if bad then
    counts.invalid = counts.invalid + 1
    return nil, bad
  end
  if not envelope then return nil end
  local late, why = out_of_date(envelope.metadata, max_age or default_max_age(), msg.retained)
  if late then
    counts[late] = counts[late] + 1
    return nil, why
  end
  counts.received = counts.received + 1
  return envelope
end

function message.read(msg, options)
  if type(msg) ~= "table" or type(msg.topic) ~= "string" then
    error(("message.read: a message expected, got %s"):format(type(msg)), 2)
  end
  local max_age = options and options.max_age
  check_max_age("message.read", max_age)
  return read(msg, max_age)
end

local function warn(topic, why)
  local key, now = topic .. "\0" .. why:gsub("%d+", "0"), timer.now()
  if warned[key] and now - warned[key] < WARN_EVERY then return end
  for each, at in pairs(warned) do
    if now - at >= WARN_EVERY then warned[each] = nil end
  end
  warned[key] = now
  log.warn("%s: dropped an envelope: %s", topic, why)
end

-- What an envelope, JSON or a plain text says.
local function content_of(msg, envelope)
  if envelope then return envelope.payload end
  local value = msg.json
  if value == nil then return msg.payload end
  return value
end

local SUBSCRIBE = { "qos", "max_age" }

local function check_subscribe(filter, fn, options)
  if type(fn) ~= "function" then
    error(("message.subscribe: function expected, got %s"):format(type(fn)), 0)
  end
  if options ~= nil and type(options) ~= "table" then
    error(("message.subscribe: a table of options expected, got %s"):format(type(options)), 0)
  end
  require("engine.scene.topics").check_filter("message.subscribe", filter)
  declaration.check_options("message.subscribe", options or {}, SUBSCRIBE)
end

function message.subscribe(filter, fn, options)
  local ok, err = pcall(check_subscribe, filter, fn, options)
  if not ok then error(err, 2) end
  local max_age = options and options.max_age
  check_max_age("message.subscribe", max_age)
  local subscribed, handle = pcall(mqtt.subscribe, filter, function(msg, ...)
    local envelope, why = read(msg, max_age)
    if why then return warn(msg.topic, why) end
    msg.envelope, msg.content = envelope, content_of(msg, envelope)
    fn(msg, ...)
  end, { qos = options and options.qos or 1 })
  if subscribed then return handle end
  error("message.subscribe: " .. tostring(handle):gsub("^[^\n:]*%.lua:%d+: ", ""), 2)
end

function message.publish(topic, envelope, options)
  check_envelope("message.publish", envelope)
  local how = {}
  for name, value in pairs(options or {}) do how[name] = value end
  how.least_qos = QOS_OF_PRIORITY[envelope.metadata.priority]
  local ok, text = pcall(codec.encode, envelope)
  if not ok then error("message.publish: " .. tostring(text), 2) end
  local taken, outcome, err = pcall(mqtt.publish, topic, text, how)
  if taken then return outcome, err end
  error("message.publish: " .. tostring(outcome):gsub("^[^\n:]*%.lua:%d+: ", ""), 2)
end

function message.counts()
  local copy = {}
  for name, count in pairs(counts) do copy[name] = count end
  return copy
end

return message
