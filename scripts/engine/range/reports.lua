-- What the bridge says of itself: at the start, every 30 seconds, and with each connection.
local reports = {}

local EVERY = 30

local function connected_sensors(bridge)
  local count = 0
  for _, sensor in ipairs(bridge.order) do
    if sensor.data.connected then count = count + 1 end
  end
  return count
end

local function detector_status(bridge)
  local plates = {}
  for _, sensor in ipairs(bridge.order) do
    local status = sensor.detector:status()
    status.plate_id = sensor.plate
    plates[sensor.plate] = status
  end
  return plates
end

-- LeadVille's fields of bridge/status.
function reports.bridge(bridge)
  return {
    t0_set = bridge.runs:current() ~= nil,
    amg_connected = bridge.timer.data.connected or false,
    bt50_connected = connected_sensors(bridge), bt50_total = #bridge.order,
    detector_status = detector_status(bridge),
    mqtt_stats = bridge.publisher:client_stats(),
  }
end

local function say_started(bridge)
  bridge.publisher:status("/bridge/status", "bridge",
    { started = true, active_tasks = #bridge.order + 1, mqtt_enabled = true })
end

-- What the engine says when this script ends.
local function leave_will(bridge)
  bridge.publisher:will("/bridge/status", "bridge",
    { stopping = true, reason = "shutdown_requested" })
end

local function say_all(bridge)
  for _, sensor in ipairs(bridge.order) do bridge:publish_sensor(sensor) end
  bridge:publish_timer()
  bridge.runs:publish()
end

local function say_health(bridge)
  local health = system.health()
  health.timestamp = nil -- The envelope has one.
  bridge.publisher:status("/system/health", "system", health)
end

local function on_connection(bridge, up)
  bridge.publisher:connection(up)
  if not up then return end
  if bridge.data.said then
    bridge.publisher:status("/bridge/status", "bridge", reports.bridge(bridge))
  else
    bridge.data.said = true
    say_started(bridge)
  end
  say_all(bridge)
  say_health(bridge)
end

local function periodic(bridge)
  say_health(bridge)
  bridge.publisher:status("/bridge/status", "bridge", reports.bridge(bridge))
  leave_will(bridge)
  say_all(bridge)
end

local function check(bridge)
  local now = timer.now()
  bridge.data.alive = now
  for _, sensor in ipairs(bridge.order) do sensor:check(now) end
end

function reports.begin(bridge)
  if not bridge.data.alive then say_started(bridge) end
  bridge.data.alive = timer.now()
  say_all(bridge)
  say_health(bridge)
  leave_will(bridge)
  mqtt.on_connection(function(up) on_connection(bridge, up) end)
  timer.every(EVERY, function() periodic(bridge) end, { name = bridge.range.prefix .. " status" })
  timer.every(1, function() check(bridge) end, { name = bridge.range.prefix .. " check" })
end

return reports
