-- Answers to requests over MQTT 5.
local task = require "engine.task"

local respond = {}

local function answer(msg, fn, ...)
  local payload = fn(msg, ...)
  if payload == nil or not msg.response_topic then return end
  mqtt.publish(msg.response_topic, payload,
    { qos = msg.qos, offline = "drop", correlation_data = msg.correlation_data })
end

function respond.respond(filter, fn, options)
  if type(fn) ~= "function" then
    error(("mqtt.respond: function expected, got %s"):format(type(fn)), 2)
  end
  local ok, result = pcall(mqtt.subscribe, filter, function(msg, ...)
    if not msg.retained then task.start(answer, msg, fn, ...) end
  end, options)
  if ok then return result end
  error("mqtt.respond: " .. tostring(result):gsub("^[^\n:]*%.lua:%d+: ", ""), 2)
end

return respond
