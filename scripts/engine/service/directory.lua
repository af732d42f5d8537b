-- Which services are there, by what they say of themselves and when they said it.
local message = require "engine.message"
local rules = require "engine.service.rules"

local directory = {}

local known = {} -- By id.
local listeners = {}

local function tell(entry, former)
  if entry.state == former then return end
  for _, fn in ipairs(listeners) do fn(entry, former) end
end

local function set_state(entry, state)
  local former = entry.state
  entry.state = state
  tell(entry, former)
end

-- A service that says nothing more is offline when its last word is too old.
local function watch(entry)
  if entry.alarm then entry.alarm:cancel() end
  entry.alarm = nil
  if entry.state == "offline" then return end
  local left = entry.last_seen + rules.get "heartbeat_timeout" - timer.wall()
  entry.alarm = timer.after(math.max(left, 0) + 0.001, function()
    entry.alarm = nil
    set_state(entry, "offline")
  end)
end

local function forget(id)
  local entry = known[id]
  if not entry then return end
  known[id] = nil
  if entry.alarm then entry.alarm:cancel() end
  set_state(entry, "offline")
end

local function text_of(value) return type(value) == "string" and value or nil end
local function list_of(value) return type(value) == "table" and value or {} end

local function learn(id, envelope)
  local now, payload = timer.wall(), envelope.payload
  local details = list_of(payload.details)
  local seen = math.min(envelope.metadata.timestamp, now) -- A clock that is ahead gains nothing.
  local entry = known[id] or { id = id, last_seen = -math.huge }
  if seen < entry.last_seen then return end -- An older word that has been overtaken.
  known[id] = entry
  entry.last_seen = seen
  entry.type = text_of(details.service_type) or entry.type
  entry.version = text_of(details.version) or text_of(payload.version) or entry.version
  entry.dependencies, entry.endpoints = list_of(details.dependencies), list_of(details.endpoints)
  entry.metadata = list_of(details.metadata)
  local state = text_of(details.state) or text_of(payload.status) or "error"
  local stale = now - seen > rules.get "heartbeat_timeout"
  set_state(entry, stale and "offline" or state)
  watch(entry)
end

local function hear(msg, id)
  if msg.payload == "" then return forget(id) end
  if msg.envelope and msg.envelope.metadata.message_type == "status" then
    learn(id, msg.envelope)
  end
end

-- From now on; once. Everybody is asked, because a version of a script that has just been saved is
-- not told again what the broker has kept.
function directory.open()
  if directory.subscription then return end
  directory.subscription = message.subscribe(rules.topic "system/services/+/status", hear)
  mqtt.publish(rules.topic "system/health_check", "", { qos = 1, offline = "drop" })
end

-- `fn(entry, former_state)` is called when a service changes its state; `former_state` is nil when
-- it was not known.
function directory.on_change(fn) listeners[#listeners + 1] = fn end

function directory.is_available(id)
  local entry = known[id]
  return entry ~= nil and entry.state ~= "offline" and entry.state ~= "error"
end

function directory.missing(ids)
  local missing = {}
  for _, id in ipairs(ids) do
    if not directory.is_available(id) then missing[#missing + 1] = id end
  end
  return missing
end

-- A copy, for scripts.
function directory.describe(id)
  local entry = known[id]
  if not entry then return nil end
  return {
    id = entry.id, type = entry.type, version = entry.version, state = entry.state,
    last_seen = entry.last_seen, dependencies = entry.dependencies,
    endpoints = entry.endpoints, metadata = entry.metadata,
  }
end

-- Every id, in order.
function directory.ids()
  local ids = {}
  for id in pairs(known) do ids[#ids + 1] = id end
  table.sort(ids)
  return ids
end

return directory
