-- The emergency stop: what is seen or measured stops the mower before anything else is done.
local alerts = require "lib.alerts"
local hazards = require "lib.hazards"
local limits = require "lib.limits"
local message = require "engine.message"
local service = require "engine.service"

local STOP = service.topic "safety/emergency_stop"

local stopped = false -- Until somebody clears it; the retained message tells our next start.
local stop

local safety = service "safety" {
  type = "safety",
  dependencies = { "hardware_interface", "vision_service" },
  commands = {
    emergency_stop = function(parameters)
      stop(tostring(parameters.reason or "by hand"), timer.now())
      return { stopped = true }
    end,
    clear_emergency_stop = function(parameters, request)
      if not stopped then return nil, "there is no emergency stop" end
      log.info("emergency stop cleared by %s: %s", request.sender or "somebody",
        tostring(parameters.reason or "no reason given"))
      stopped = false
      mqtt.publish(STOP, "", { qos = 2, retain = true })
      return { stopped = false }
    end,
  },
}

local alert = alerts(safety)

-- `since`: when the cause was received (timer.now()). The stop goes out first.
function stop(reason, since)
  if stopped then return end
  stopped = true
  safety:publish(STOP, message.alert {
    sender = safety.id, alert_type = "emergency_stop", message = reason, severity = "critical",
  }, { qos = 2, retain = true })
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
  local reason = hazards.stop_reason(data)
  if reason then stop(reason, msg.time) end
  hazards.warn(data, alert)
end

mqtt.subscribe(service.topic "sensors/+/data", examine, { qos = 1 })
mqtt.subscribe(service.topic "vision/detections", examine, { qos = 1 })
-- Also somebody else's, and our own of before the engine was started.
mqtt.subscribe(STOP, function(msg) stopped = msg.payload ~= "" end, { qos = 2 })
