-- Answers the commands that a service is sent.
local message = require "engine.message"
local quoted = require "engine.message.quoted"
local rules = require "engine.service.rules"
local task = require "engine.task"

local commands = {}

local REMEMBERED = 100 -- Answers kept for commands that come again.

local builtin = {
  ping = function(service)
    return { pong = true, timestamp = timer.wall(), service_id = service.id,
      uptime = service:uptime() }
  end,
  status = function(service)
    return {
      service_id = service.id, state = service.state, uptime = service:uptime(),
      metrics = service:metrics(),
      mqtt_stats = { connected = mqtt.connected(), pending_responses = service:pending() },
    }
  end,
  shutdown = function(service)
    timer.after(0, function() service:shutdown() end) -- When it has been answered.
    return { shutting_down = true }
  end,
}

-- What is asked for, in any of its forms: an envelope, `{"command": ..., "parameters": {...}}`, or
-- the bare name. nil and why, when it is not for us.
local function read(service, msg)
  local envelope, content = msg.envelope, msg.content
  if envelope then
    local metadata = envelope.metadata
    if metadata.message_type ~= "command" then
      return nil, ("a %s is no command"):format(metadata.message_type)
    end
    return {
      command = content.command, parameters = content.parameters, target = content.target,
      sender = metadata.sender, message_id = metadata.message_id,
      correlation_id = metadata.correlation_id or metadata.message_id,
      answer = content.require_ack ~= false,
    }
  end
  if type(content) == "table" then
    if type(content.command) ~= "string" then return nil, "it names no command" end
    return { command = content.command, parameters = content.parameters, target = service.id,
      answer = true }
  end
  if type(content) ~= "string" or content == "" then return nil, "it names no command" end
  return { command = content, target = service.id, answer = true }
end

local function names(service)
  local list = {}
  for name in pairs(service.handlers) do list[#list + 1] = name end
  for name in pairs(builtin) do
    if not service.handlers[name] then list[#list + 1] = name end
  end
  table.sort(list)
  return table.concat(list, ", ")
end

-- To the response topic of an MQTT 5 request, else to where the document has the answers.
local function reply(service, msg, request, payload)
  if not request.answer then return end
  local response = { sender = service.id, success = payload.success, result = payload.result,
    error = payload.error, execution_time = payload.execution_time,
    correlation_id = request.correlation_id }
  local ok, envelope = pcall(message.response, response)
  if ok then ok, envelope = pcall(message.encode, envelope) end
  if not ok then
    log.error("%s: the result of %s cannot be sent: %s", service.id, quoted(request.command),
      envelope)
    response.result, response.success = nil, false
    response.error = "the result cannot be written as JSON"
    envelope = message.encode(message.response(response))
  end
  -- Who asked on MQTT 5 waits on this connection; the document's answers are queued for a while.
  local topic, options = msg.response_topic, {
    qos = 2, offline = msg.response_topic and "drop", correlation_data = msg.correlation_data,
  }
  if not topic then
    if not request.sender or request.sender:find "[+#%z]" then return end
    topic = rules.topic("responses/" .. request.sender)
  end
  service:count "messages_sent"
  mqtt.publish(topic, envelope, options)
  return topic, envelope, options
end

local function remember(service, request, topic, envelope, options)
  local id = request.message_id
  if not id or not topic then return end
  local order = service.answer_order
  service.answers[id] = { topic, envelope, options }
  order[#order + 1] = id
  if #order > REMEMBERED then service.answers[table.remove(order, 1)] = nil end
end

local function first_line(err) return (tostring(err):gsub("\nstack traceback:.*", "")) end

local function trace(err)
  return type(err) == "string" and debug.traceback(err, 2) or tostring(err)
end

-- The task that does what was asked for, and answers.
local function perform(service, msg, request, handler)
  local started = timer.now()
  local ok, result, why = xpcall(handler, trace)
  local payload = { success = true, result = result, execution_time = timer.now() - started }
  if not ok then
    log.error("%s: command %s: %s", service.id, quoted(request.command), result)
    payload.success, payload.result, payload.error = false, nil, first_line(result)
  elseif result == nil and why ~= nil then
    payload.success, payload.error = false, tostring(why)
  end
  if not payload.success then service:failed(payload.error) end
  service:count "commands_processed"
  remember(service, request, reply(service, msg, request, payload))
end

local function refuse(service, msg, request, why)
  service:failed(why)
  remember(service, request, reply(service, msg, request, { success = false, error = why }))
end

local function handler_of(service, request)
  local parameters = type(request.parameters) == "table" and request.parameters or {}
  local own, standard = service.handlers[request.command], builtin[request.command]
  if own then return function() return own(parameters, request) end end
  return standard and function() return standard(service) end
end

-- A command has come in.
function commands.hear(service, msg)
  if msg.retained then -- An old one: it never fires late.
    return log.warn("%s: a command that the broker has kept is not obeyed: clear %s", service.id,
      msg.topic)
  end
  service:count "messages_received"
  local request, why = read(service, msg)
  if not request then return log.debug("%s: ignored a message: %s", msg.topic, why) end
  local answered = request.message_id and service.answers[request.message_id]
  if answered then return mqtt.publish(answered[1], answered[2], answered[3]) end
  if request.target ~= service.id then
    return refuse(service, msg, request, ("this is '%s', not %s"):format(service.id,
      quoted(tostring(request.target))))
  end
  local handler = handler_of(service, request)
  if not handler then
    return refuse(service, msg, request, ("unknown command %s; known are %s"):format(
      quoted(request.command), names(service)))
  end
  task.start(perform, service, msg, request, handler)
end

return commands
