-- Wraps what the bridge says into LeadVille's two envelopes, and counts it.
local Publisher = {}
Publisher.__index = Publisher

local function iso(unix)
  return os.date("!%Y-%m-%dT%H:%M:%S", math.floor(unix)) .. (".%03dZ"):format(unix % 1 * 1000)
end

Publisher.iso = iso

local function new_counts()
  return { published = 0, failed = 0, connections = 0 }
end

function Publisher.new(prefix, bridge, data)
  data.counts = data.counts or new_counts()
  return setmetatable({ prefix = prefix, bridge = bridge, counts = data.counts }, Publisher)
end

function Publisher:connection(up)
  if not up then return end
  self.counts.connections = self.counts.connections + 1
  self.counts.last_connection = timer.wall()
end

local function send(self, suffix, message, options)
  local outcome = mqtt.publish(self.prefix .. suffix, message, options)
  local counts = self.counts
  if outcome == "sent" or outcome == "queued" then
    counts.published, counts.last_publish = counts.published + 1, timer.wall()
  else
    counts.failed = counts.failed + 1
  end
end

local function time_or_null(unix) return unix and iso(unix) or json.null end

local function client_stats(self)
  local counts = self.counts
  return {
    connected = mqtt.connected(), enabled = true,
    messages_published = counts.published, messages_failed = counts.failed,
    connection_attempts = counts.connections,
    last_publish_time = time_or_null(counts.last_publish),
    last_connection_time = time_or_null(counts.last_connection),
    broker = json.null, client_id = "engine_" .. config.site,
  }
end

Publisher.client_stats = client_stats

-- `about` may have sensor_id, run_id, and `when`, the steady time it happened.
function Publisher:event(suffix, event_type, data, about)
  about = about or {}
  local ago = about.when and timer.now() - about.when or 0
  send(self, suffix, {
    event_type = event_type, data = data, sensor_id = about.sensor_id, run_id = about.run_id,
    bridge = about.marked and self.bridge or nil, timestamp = iso(timer.wall() - ago),
  }, { qos = 1 })
end

local STATUS = { qos = 1, retain = true, offline = "latest" }

local function status_envelope(self, component, status, run_id)
  return { component = component, status = status, run_id = run_id,
    client_stats = client_stats(self), timestamp = iso(timer.wall()) }
end

-- Retained: what holds until it is said again, which it is with each connection.
function Publisher:status(suffix, component, status, run_id)
  send(self, suffix, status_envelope(self, component, status, run_id), STATUS)
end

-- The status that is published when this script ends.
function Publisher:will(suffix, component, status)
  mqtt.will(self.prefix .. suffix, status_envelope(self, component, status), STATUS)
end

-- Takes a retained status back.
function Publisher:forget(suffix)
  send(self, suffix, "", STATUS)
end

-- Samples that came as bytes, in the documented form; many a second, and worthless later.
function Publisher:telemetry(sensor, reading, time, interval)
  send(self, ("/sensor/%s/telemetry"):format(sensor.id), {
    sensor_id = sensor.id, bridge = self.bridge,
    telemetry = {
      velocity = { x = reading.x, y = reading.y, z = reading.z }, battery = reading.battery,
      temperature = reading.temperature, interval_ns = math.floor(interval * 1e9 + 0.5),
      timestamp_ns = math.floor(time * 1e9),
    },
    timestamp = iso(timer.wall()),
  }, { qos = 0 })
end

return Publisher
