-- Watches all services of a site and tells of their changes; one script of a site does it.
local directory = require "engine.service.directory"
local message = require "engine.message"
local rules = require "engine.service.rules"

local REPORTED = "engine.service.reported_offline" -- In the store: last_seen by id.
local UNWELL = { error = 3, degraded = 2, starting = 1 }

local monitor = {}

local function emit(sender, kind, data)
  message.publish(rules.topic("system/events/" .. kind), message.event {
    sender = sender, event_type = kind, event_data = data,
  }, { qos = 1 })
end

-- Each time a service goes is told once, also when the engine is started again.
local function tell_offline(sender, entry)
  local reported = store.get(REPORTED) or {}
  if reported[entry.id] == entry.last_seen then return end
  reported[entry.id] = entry.last_seen
  store.set(REPORTED, reported)
  log.warn("service '%s' is offline", entry.id)
  emit(sender, "service_offline", { service_id = entry.id, last_seen = entry.last_seen })
end

-- healthy; degraded, when something is offline or degraded; error, when something says so.
local function summary()
  local services, worst = {}, 0
  for _, id in ipairs(directory.ids()) do
    local state = directory.describe(id).state
    services[id] = state
    worst = math.max(worst, UNWELL[state] or state == "offline" and UNWELL.degraded or 0)
  end
  return worst == 3 and "error" or worst == 2 and "degraded" or "healthy", services
end

local function publish_health(sender)
  local word, services = summary()
  message.publish(rules.topic "system/health", message.status {
    sender = sender, status = word, details = { services = services },
  }, { qos = 1, retain = true, offline = "latest" })
end

function monitor.start(sender)
  directory.open()
  directory.on_change(function(entry, former)
    if former then
      emit(sender, "service_state_change",
        { service_id = entry.id, old_state = former, new_state = entry.state })
    end
    if entry.state == "offline" then tell_offline(sender, entry) end
  end)
  timer.every(rules.get "heartbeat_interval", function() publish_health(sender) end)
end

return monitor
