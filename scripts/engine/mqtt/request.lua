-- Requests over MQTT 5: response topic, correlation data, and the wait for the answer.
local declaration = require "engine.scene.declaration"
local task = require "engine.task"

local request = {}

local TIMEOUT = 30
local OPTIONS = { "qos", "timeout" }

local waiting = {} -- By correlation data: what to call with the answer.
local counts = { sent = 0, answered = 0, timed_out = 0, late = 0 }
local replies -- The subscription to our response topic.

-- This version of this script alone listens there.
local response_topic = ("%s/replies/%s/%s"):format(config.prefix or "engine/" .. config.site,
  (script.name:gsub("[^%w_.-]", "_")), script.uuid())

local function hear(msg)
  if msg.retained then return end
  local finish = waiting[msg.correlation_data or ""]
  if finish then
    counts.answered = counts.answered + 1
    return finish(msg)
  end
  counts.late = counts.late + 1
  log.debug("an answer came too late, or was not asked for: %s", msg.payload)
end

-- Once: as long as any version of this script waits, it may be heard.
local function listen()
  if replies and replies:active() then return end
  replies = mqtt.subscribe(response_topic, hear, { qos = 2 })
end

-- Raises on what `mqtt.request` cannot take; errors carry no position of their own.
function request.check(what, topic, payload, options)
  if options ~= nil and type(options) ~= "table" then
    error(("%s: a table of options expected, got %s"):format(what, type(options)), 0)
  end
  options = options or {}
  declaration.check_options(what, options, OPTIONS)
  declaration.check_command(what, topic, payload, { qos = options.qos })
  declaration.check_seconds(what .. ": timeout", options.timeout, true)
end

local function send(topic, payload, qos, id)
  return mqtt.publish(topic, payload, {
    qos = qos, offline = "drop", response_topic = response_topic, correlation_data = id,
  })
end

function request.request(topic, payload, options)
  local ok, err = pcall(request.check, "mqtt.request", topic, payload, options)
  if not ok then error(err, 2) end
  if not task.can_wait() then
    error("mqtt.request waits for the answer: call it in a story, or in a function that "
      .. "task.start runs (engine.task)", 2)
  end
  if config.mqtt and config.mqtt.version ~= "5" then
    return nil, "requests need MQTT 5, but mqtt.version of the configuration is "
      .. config.mqtt.version
  end
  local timeout = options and options.timeout or TIMEOUT
  return task.await(topic .. " to answer", function(finish, again)
    if again then return finish(nil, "the engine was started again meanwhile") end
    local id = script.uuid()
    listen()
    waiting[id] = finish
    local alarm = timer.after(timeout, function()
      counts.timed_out = counts.timed_out + 1
      finish(nil, ("no answer within %g s"):format(timeout))
    end)
    counts.sent = counts.sent + 1
    local sent, why = send(topic, payload, options and options.qos, id)
    if not sent then finish(nil, why) end
    return function()
      waiting[id] = nil
      alarm:cancel()
    end
  end, { timeout = timeout, key = "request " .. topic })
end

function request.requests()
  local result = { waiting = 0 }
  for name, count in pairs(counts) do result[name] = count end
  for _ in pairs(waiting) do result.waiting = result.waiting + 1 end
  return result
end

return request
