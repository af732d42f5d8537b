-- Services that find each other and send each other commands over MQTT (mower document).
local calls = require "engine.service.calls"
local check = require "engine.service.declaration"
local commands = require "engine.service.commands"
local directory = require "engine.service.directory"
local lifecycle = require "engine.service.lifecycle"
local message = require "engine.message"
local rules = require "engine.service.rules"
local scene_check = require "engine.scene.declaration"
local task = require "engine.task"

local Service = {}
Service.__index = Service

local declared = {} -- Services of this script by id.

-- Calls `fn`, whose errors have no position, for a function of the author's.
local function guarded(what, fn, ...)
  local ok, err = pcall(fn, ...)
  if not ok then error(("%s: %s"):format(what, err), 3) end
  return err
end

function Service:uptime() return timer.now() - self.began end

function Service:pending() return calls.pending() end -- luacheck: ignore self

function Service:metrics()
  local copy = {}
  for name, value in pairs(self.counts) do copy[name] = value end
  copy.last_error = self.last_error or json.null
  return copy
end

function Service:count(name) self.counts[name] = self.counts[name] + 1 end

-- A command has failed.
function Service:failed(why)
  self:count "errors"
  self.last_error = why
end

local function is_state(state)
  if not rules.STATES[state] then
    error(("starting, healthy, degraded, error, offline or shutting_down expected, got %s"):format(
      tostring(state)), 0)
  end
end

-- What the service says of itself from now on.
function Service:set_state(state)
  guarded("service:set_state", is_state, state)
  lifecycle.set_state(self, state)
end

-- Sends an envelope on a topic of the namespace.
function Service:publish(topic, envelope, options)
  self:count "messages_sent"
  local ok, outcome, err = pcall(message.publish, rules.topic(topic), envelope, options)
  if not ok then error(tostring(outcome):gsub("^[^\n:]*%.lua:%d+: ", ""), 2) end
  return outcome, err
end

function Service:publish_reading(sensor_type, data, options)
  guarded("service:publish_reading", check.id, "sensor_type", sensor_type)
  local fields = { sender = self.id, sensor_type = sensor_type, data = data }
  for name, value in pairs(options or {}) do fields[name] = value end
  local offline = fields.offline
  fields.offline = nil
  local envelope = guarded("service:publish_reading", message.sensor_data, fields)
  return self:publish(("sensors/%s/data"):format(sensor_type), envelope,
    { qos = 1, offline = offline })
end

function Service:emit_event(event_type, data)
  guarded("service:emit_event", check.id, "event_type", event_type)
  local envelope = guarded("service:emit_event", message.event, {
    sender = self.id, event_type = event_type, event_data = data,
  })
  return self:publish("system/events/" .. event_type, envelope, { qos = 1 })
end

function Service:emit_alert(alert_type, text, severity, context)
  guarded("service:emit_alert", check.id, "alert_type", alert_type)
  local envelope = guarded("service:emit_alert", message.alert, {
    sender = self.id, alert_type = alert_type, message = text, severity = severity,
    context = context,
  })
  return self:publish("safety/alerts/" .. alert_type, envelope, { qos = 2, retain = true })
end

-- The broker forgets the alert.
function Service:clear_alert(alert_type)
  guarded("service:clear_alert", check.id, "alert_type", alert_type)
  self:count "messages_sent"
  return mqtt.publish(rules.topic("safety/alerts/" .. alert_type), "", { qos = 2, retain = true })
end

local CALL = { "timeout", "priority" }

local function check_call(target, command, parameters, options)
  check.id("target", target)
  if type(command) ~= "string" or command == "" then
    error(("command: a name expected, got %s"):format(type(command)), 0)
  end
  if parameters ~= nil and type(parameters) ~= "table" then
    error(("parameters: a table expected, got %s"):format(type(parameters)), 0)
  end
  if options ~= nil and type(options) ~= "table" then
    error(("a table of options expected, got %s"):format(type(options)), 0)
  end
  scene_check.check_options("options", options or {}, CALL)
  scene_check.check_seconds("timeout", options and options.timeout, true)
  if not task.can_wait() then
    error("it waits for the answer: do it in a story, or in a function that task.start runs "
      .. "(engine.task)", 0)
  end
end

function Service:call(target, command, parameters, options)
  guarded("service:call", check_call, target, command, parameters, options)
  local timeout = options and options.timeout or rules.get "command_timeout"
  return calls.call(self, target, command, parameters, timeout, options and options.priority)
end

function Service:shutdown() lifecycle.shut_down(self) end

local function subscribe_commands(self)
  local function keep(handle) self.handles[#self.handles + 1] = handle end
  keep(message.subscribe(rules.topic("commands/" .. self.id),
    function(msg) commands.hear(self, msg) end, { qos = 2 }))
  keep(mqtt.subscribe(rules.topic "system/health_check", function(msg)
    if not msg.retained then lifecycle.announce_soon(self) end
  end, { qos = 1 }))
end

local function declare(id, options)
  check.id("service", id)
  if declared[id] then error("it is declared twice in this script", 0) end
  check.options(options)
  local self = setmetatable({
    id = id, type = options.type or id, version = options.version or "1.0.0",
    dependencies = options.dependencies or {}, endpoints = options.endpoints or {},
    metadata = options.metadata or {}, handlers = options.commands or {},
    options = options, state = "starting", began = timer.now(), start_time = timer.wall(),
    handles = {}, answers = {}, answer_order = {},
    counts = { messages_sent = 0, messages_received = 0, commands_processed = 0, errors = 0 },
  }, Service)
  declared[id] = self
  subscribe_commands(self)
  lifecycle.begin(self)
  return self
end

local function declare_checked(id, options)
  local ok, result = pcall(declare, id, options)
  if ok then return result end
  local why = tostring(result):gsub("^[^\n:]*%.lua:%d+: ", "")
  error(("service '%s': %s"):format(tostring(id), why), 3)
end

local service = {}

-- With the namespace of the site in front, unless it is there already.
function service.topic(name)
  if type(name) ~= "string" then
    error(("service.topic: string expected, got %s"):format(type(name)), 2)
  end
  return rules.topic(name)
end

-- Services that can be relied on, of that type or of any.
function service.discover(kind)
  if kind ~= nil and type(kind) ~= "string" then
    error(("service.discover: a type, or nothing, expected, got %s"):format(type(kind)), 2)
  end
  directory.open()
  local found = {}
  for _, id in ipairs(directory.ids()) do
    local entry = directory.describe(id)
    if directory.is_available(id) and (kind == nil or entry.type == kind) then
      found[#found + 1] = entry
    end
  end
  return found
end

-- What is known of a service, offline or not.
function service.find(id)
  if type(id) ~= "string" then
    error(("service.find: the id of a service expected, got %s"):format(type(id)), 2)
  end
  directory.open()
  return directory.describe(id)
end

function service.on_change(fn)
  if type(fn) ~= "function" then
    error(("service.on_change: function expected, got %s"):format(type(fn)), 2)
  end
  directory.open()
  directory.on_change(function(entry, former) fn(directory.describe(entry.id) or
    { id = entry.id, state = entry.state }, former) end)
end

-- Makes this script the one that tells of the changes of all services.
function service.monitor(sender)
  guarded("service.monitor", check.id, "sender", sender or "monitor")
  require("engine.service.monitor").start(sender or "monitor")
end

-- What became of this script's calls.
function service.calls() return calls.counts() end

return setmetatable(service, {
  __call = function(_, id, options)
    if type(id) ~= "string" or id == "" then
      error(("service: a name expected, got %s"):format(id == "" and "''" or type(id)), 2)
    end
    if options == nil then
      return function(given)
        local self = declare_checked(id, given) -- No tail call: the level of errors counts.
        return self
      end
    end
    local self = declare_checked(id, options)
    return self
  end,
})
