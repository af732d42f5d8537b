-- The emergency stop: what is seen or measured stops the mower before anything else is done.
local alerts = require "lib.alerts"
local hazards = require "lib.hazards"
local limits = require "lib.limits"
local message = require "engine.message"
local service = require "engine.service"

local STOP = service.topic "safety/emergency_stop"

local stop -- state.stopped holds until somebody clears it: over saves and restarts.
local echoes = 0 -- Of our own clearing, that are still to come back from the broker.

local safety = service "safety" {
  type = "safety",
  dependencies = { "hardware_interface", "vision_service" },
  commands = {
    emergency_stop = function(parameters)
      stop(tostring(parameters.reason or "by hand"), timer.now())
      return { stopped = true }
    end,
    clear_emergency_stop = function(parameters, request)
      log.info("emergency stop cleared by %s: %s", request.sender or "somebody",
        tostring(parameters.reason or "no reason given"))
      state.stopped = nil
      if mqtt.publish(STOP, "", { qos = 2, retain = true, offline = "latest" }) then
        echoes = echoes + 1
      end
      return { stopped = false }
    end,
  },
}

local alert = alerts(safety)

-- Without a broker the other scripts hear it nevertheless, and the broker when it is there again.
local function publish_stop(reason)
  safety:publish(STOP, message.alert {
    sender = safety.id, alert_type = "emergency_stop", message = reason, severity = "critical",
  }, { qos = 2, retain = true, offline = "latest" })
end

-- `since`: when the cause was received (timer.now()). The stop goes out first.
function stop(reason, since)
  if state.stopped then return end
  state.stopped = reason
  publish_stop(reason)
  local reaction = timer.now() - since
  log.error("EMERGENCY STOP: %s (after %.1f ms)", reason, 1000 * reaction)
  if reaction > limits.reaction then
    log.error("the emergency stop took longer than %g ms", 1000 * limits.reaction)
  end
  safety:emit_alert("emergency_stop", "Emergency stop: " .. reason, "critical",
    { reaction_ms = 1000 * reaction })
end

local function examine(msg)
  if msg.retained then return end
  -- However old: a sensor whose clock is wrong has still seen somebody.
  local envelope, broken = message.read(msg, { max_age = math.huge })
  local data = envelope and envelope.payload.data or msg.json
  if broken or type(data) ~= "table" then
    if hazards.mentions_person(msg.payload) then stop("person detected in the area", msg.time) end
    return
  end
  local reason = hazards.stop_reason(data, limits)
  if reason then stop(reason, msg.time) end
  hazards.warn(data, limits, alert)
end

mqtt.subscribe(service.topic "sensors/+/data", examine, { qos = 1 })
-- The readings themselves as well: the messages that are made of them may be limited in their rate.
mqtt.subscribe("mower/raw/+", examine, { qos = 1 })
mqtt.subscribe(service.topic "vision/detections", examine, { qos = 1 })

-- Somebody else's; what comes back of our own is older than what we know, unless it was retained.
local function hear_stop(msg)
  if msg.payload == "" then
    if echoes == 0 then state.stopped = nil end
    echoes = math.max(echoes - 1, 0)
    return
  end
  local metadata = type(msg.json) == "table" and msg.json.metadata
  local own = type(metadata) == "table" and metadata.sender == safety.id
  if own and not msg.retained then return end
  state.stopped = state.stopped or "by somebody else"
end

mqtt.subscribe(STOP, hear_stop, { qos = 2 })

local function repeat_stop()
  if state.stopped then publish_stop(state.stopped) end
end

repeat_stop()
mqtt.on_connection(function(connected)
  echoes = 0
  if connected then repeat_stop() end
end)
