-- Sends commands to services, and waits for their answers.
local message = require "engine.message"
local rules = require "engine.service.rules"
local task = require "engine.task"

local calls = {}

local waiting = {} -- By correlation id: what to call with the answer.
local counts = { answered = 0, timed_out = 0, late = 0 }
local inboxes = {} -- By service id: the subscription to its responses.

local function hear(msg)
  local envelope = msg.envelope
  if msg.retained or not envelope or envelope.metadata.message_type ~= "response" then return end
  local finish = waiting[envelope.metadata.correlation_id or ""]
  if not finish then
    counts.late = counts.late + 1
    return log.debug("%s: an answer came too late, or was not asked for", msg.topic)
  end
  counts.answered = counts.answered + 1
  local payload = envelope.payload
  if not payload.success then
    local why = payload.error
    return finish(nil, type(why) == "string" and why or why and json.encode(why) or "it failed")
  end
  local result = payload.result
  if result == nil then result = true end
  finish(result)
end

local function listen(id)
  if inboxes[id] and inboxes[id]:active() then return end
  inboxes[id] = message.subscribe(rules.topic("responses/" .. id), hear, { qos = 2 })
end

function calls.pending()
  local count = 0
  for _ in pairs(waiting) do count = count + 1 end
  return count
end

function calls.counts()
  return { answered = counts.answered, timed_out = counts.timed_out, late = counts.late,
    waiting = calls.pending() }
end

-- For a task or story: the result (true when there is none), or nil and why.
function calls.call(service, target, command, parameters, timeout, priority)
  local envelope = message.command {
    sender = service.id, target = target, command = command, parameters = parameters or {},
    timeout = timeout, expires_in = timeout, priority = priority,
  }
  local id = envelope.metadata.correlation_id
  return task.await(("%s to answer '%s'"):format(target, command), function(finish, again)
    if again then return finish(nil, "the engine was started again meanwhile") end
    listen(service.id)
    waiting[id] = finish
    local alarm = timer.after(timeout, function()
      counts.timed_out = counts.timed_out + 1
      finish(nil, ("no answer from '%s' within %g s"):format(target, timeout))
    end)
    service:count "messages_sent"
    local sent, err = message.publish(rules.topic("commands/" .. target), envelope,
      { qos = 2, offline = "drop" })
    if not sent then finish(nil, err) end
    return function()
      waiting[id] = nil
      alarm:cancel()
    end
  end, { timeout = timeout, key = ("call %s %s"):format(target, command) })
end

return calls
