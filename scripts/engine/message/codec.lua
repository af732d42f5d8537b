-- Envelopes to JSON and back, and the rules that they have to keep.
local kinds = require "engine.message.kinds"
local quoted = require "engine.message.quoted"

local codec = {}

local FINITE = "a number must be finite"

-- A copy in which numbers that JSON does not have are null.
local function without_nan(value)
  if type(value) == "number" and (value ~= value or value == math.huge or value == -math.huge) then
    return json.null
  end
  if type(value) ~= "table" then return value end
  local copy = setmetatable({}, getmetatable(value))
  for key, each in pairs(value) do copy[key] = without_nan(each) end
  return copy
end

local function shallow_copy(from)
  local copy = setmetatable({}, getmetatable(from))
  for key, value in pairs(from) do copy[key] = value end
  return copy
end

-- JSON text. Raises on what has no JSON form, NaN and infinities aside: they are null.
function codec.encode(envelope)
  local metadata, payload = shallow_copy(envelope.metadata), envelope.payload
  metadata.correlation_id = metadata.correlation_id or json.null
  metadata.expires_at = metadata.expires_at or json.null
  local kind = kinds.of[metadata.message_type]
  if kind and kind.null then
    payload = shallow_copy(payload)
    for _, name in ipairs(kind.null) do
      if payload[name] == nil then payload[name] = json.null end
    end
  end
  local whole = { metadata = metadata, payload = payload }
  local ok, text = pcall(json.encode, whole)
  if ok then return text end
  if not text:find(FINITE, 1, true) then error(text, 0) end
  return json.encode(without_nan(whole))
end

-- Whether a decoded payload claims to be an envelope; anything else is what it is.
function codec.is_envelope(value)
  return type(value) == "table" and value.metadata ~= nil and value.payload ~= nil
end

local function is_text(value) return type(value) == "string" and value ~= "" end

local function is_finite(value)
  return type(value) == "number" and value == value and math.abs(value) < math.huge
end

local function bad_metadata(metadata)
  if type(metadata) ~= "table" then return "metadata: an object expected" end
  for _, name in ipairs { "message_id", "sender", "message_type" } do
    local value = metadata[name]
    if value == nil or value == json.null or value == "" then
      return ("metadata.%s is missing"):format(name)
    end
    if not is_text(value) then return ("metadata.%s: text expected"):format(name) end
  end
  if not metadata.timestamp or metadata.timestamp == json.null then
    return "metadata.timestamp is missing"
  end
  if not is_finite(metadata.timestamp) then
    return "metadata.timestamp: seconds since 1970 expected"
  end
  if not kinds.of[metadata.message_type] then
    return ("metadata.message_type: %s is none of the seven"):format(
      quoted(metadata.message_type))
  end
  local priority = metadata.priority
  if priority ~= nil and not (is_finite(priority) and priority >= 0 and priority <= 3
      and priority % 1 == 0) then
    return "metadata.priority: 0, 1, 2 or 3 expected"
  end
  if metadata.expires_at and not is_finite(metadata.expires_at) then
    return "metadata.expires_at: seconds since 1970 expected"
  end
  if metadata.correlation_id and not is_text(metadata.correlation_id) then
    return "metadata.correlation_id: text expected"
  end
end

local function bad_payload(payload, kind)
  if type(payload) ~= "table" then return "payload: an object expected" end
  for _, name in ipairs(kind.needs or {}) do
    local value = payload[name]
    if value == nil or value == json.null or value == "" then
      return ("payload.%s is missing"):format(name)
    end
  end
  for _, name in ipairs { "target", "command", "sensor_type" } do
    local value = payload[name]
    if kind.needs and value ~= nil and value ~= json.null and type(value) ~= "string" then
      return ("payload.%s: text expected"):format(name)
    end
  end
  if payload.success ~= nil and type(payload.success) ~= "boolean" then
    return "payload.success: true or false expected"
  end
end

local function drop_null(object, names)
  for _, name in ipairs(names) do
    if object[name] == json.null then object[name] = nil end
  end
end

-- nil, or the first rule that the envelope breaks. Takes the nulls out that stand for nothing.
function codec.check(envelope)
  if type(envelope.metadata) == "table" then
    drop_null(envelope.metadata, { "correlation_id", "expires_at", "priority" })
  end
  local bad = bad_metadata(envelope.metadata)
  if bad then return bad end
  local kind = kinds.of[envelope.metadata.message_type]
  bad = bad_payload(envelope.payload, kind)
  if bad then return bad end
  drop_null(envelope.payload, kind.null or {})
  envelope.metadata.priority = envelope.metadata.priority or kinds.PRIORITIES.normal
end

return codec
