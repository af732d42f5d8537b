-- From its start to its end: what a service says of itself, and when.
local directory = require "engine.service.directory"
local message = require "engine.message"
local rules = require "engine.service.rules"

local lifecycle = {}

local function status_topic(service)
  return rules.topic(("system/services/%s/status"):format(service.id))
end

local function status_of(service, state)
  local now = timer.wall()
  return message.status {
    sender = service.id, status = state, uptime = service:uptime(), version = service.version,
    details = {
      service_id = service.id, service_type = service.type, version = service.version,
      start_time = service.start_time, last_heartbeat = now, state = state,
      uptime = service:uptime(), dependencies = json.array(service.dependencies),
      endpoints = service.endpoints, metadata = service.metadata,
    },
  }
end

local HOW = { qos = 1, retain = true, offline = "latest" }
local GRACE = 1 -- Seconds in which all that a service depends on may be heard of, unnoticed.
local SOON = 0.1 -- Seconds in which those who ask are answered together.

local function publish_status(service)
  service:count "messages_sent"
  message.publish(status_topic(service), status_of(service, service.state), HOW)
end

-- Leaves with the engine what is to be said when this script ends.
local function make_will(service)
  mqtt.will(status_topic(service), message.encode(status_of(service, "offline")), HOW)
end

-- Says how it is.
function lifecycle.announce(service)
  if service.state == "offline" then return end
  publish_status(service)
  make_will(service)
end

function lifecycle.announce_soon(service)
  if service.soon and service.soon:active() then return end
  service.soon = timer.after(SOON, function() lifecycle.announce(service) end)
end

function lifecycle.set_state(service, state)
  if service.state == "offline" or service.state == state then return end
  log.info("service '%s': %s", service.id, state)
  service.state = state
  lifecycle.announce(service)
end

-- The author's function `name`, whose errors are his.
local function call_hook(service, name, ...)
  local fn = service.options[name]
  if not fn then return end
  local ok, err = xpcall(function(...) fn(service, ...) end, debug.traceback, ...)
  if not ok then script.fault(("service '%s': %s"):format(service.id, name), err) end
end

local function become_ready(service, missing)
  if service.ready then return end
  service.ready = true
  call_hook(service, "on_ready", missing)
end

-- Healthy when all it depends on is there; degraded when something goes, or does not come in time.
local function consider(service, time_is_up)
  if service.state == "offline" or service.state == "shutting_down" then return end
  local missing = directory.missing(service.dependencies)
  if #missing == 0 then
    if service.state == "starting" or service.lacking then
      service.lacking = nil
      lifecycle.set_state(service, "healthy")
    end
    return become_ready(service, missing)
  end
  if service.state == "healthy" or (service.state == "starting" and time_is_up) then
    log.warn("service '%s' has to do without %s", service.id, table.concat(missing, ", "))
    service.lacking = true
    lifecycle.set_state(service, "degraded")
    become_ready(service, missing)
  end
end

local function keep(service, handle) service.handles[#service.handles + 1] = handle end

function lifecycle.begin(service)
  local options = service.options
  if #service.dependencies > 0 then
    directory.open()
    directory.on_change(function() consider(service) end)
    make_will(service)
    keep(service, timer.after(GRACE, function()
      if service.state == "starting" then lifecycle.announce(service) end
    end))
    keep(service, timer.after(options.dependency_timeout or rules.get "dependency_timeout",
      function() consider(service, true) end))
  else
    service.state = "healthy"
    lifecycle.announce(service)
    keep(service, timer.after(0, function() become_ready(service, {}) end))
  end
  keep(service, timer.every(options.heartbeat_interval or rules.get "heartbeat_interval",
    function() lifecycle.announce(service) end))
  keep(service, mqtt.on_connection(function(connected)
    if connected then lifecycle.announce(service) end
  end))
end

function lifecycle.shut_down(service)
  if service.state == "offline" or service.state == "shutting_down" then return end
  lifecycle.set_state(service, "shutting_down")
  call_hook(service, "on_shutdown")
  service.state = "offline"
  publish_status(service)
  log.info("service '%s': offline", service.id)
  mqtt.will(status_topic(service), nil)
  for _, handle in ipairs(service.handles) do handle:cancel() end
  service.handles = {}
end

return lifecycle
