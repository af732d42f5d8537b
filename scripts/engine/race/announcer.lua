-- What the race says over MQTT, in the forms of the derby's document.
local results = require "engine.race.results"

local Announcer = {}
Announcer.__index = Announcer

-- `sent` is kept by the race: what each retained topic was last told.
function Announcer.new(prefix, sent)
  return setmetatable({ prefix = prefix, sent = sent, born = timer.wall() }, Announcer)
end

-- The calendar's time of a moment of `timer.now()`.
local function wall_of(moment)
  return results.round(timer.wall() - (timer.now() - moment))
end

-- An event (QoS 2) that happened at `moment`; it is delivered late rather than not at all.
function Announcer:event(name, moment, fields)
  local event = { event = name, timestamp = wall_of(moment) }
  for key, value in pairs(fields) do event[key] = value end
  mqtt.publish(self.prefix .. "/race/event", event, { qos = 2, offline = "queue" })
  return event
end

function Announcer:state(word)
  mqtt.publish(self.prefix .. "/race/state", word, { qos = 1, offline = "drop" })
end

-- A clock for displays, as the derby's time service sends it.
function Announcer:time()
  local now = math.floor(timer.wall())
  local clock = os.date("*t", now)
  mqtt.publish(self.prefix .. "/race/time", {
    timestamp = now, datetime = os.date("%Y-%m-%d %H:%M:%S %Z", now),
    clockhr = (clock.hour + 11) % 12 + 1, clockmin = clock.min, clocksecond = clock.sec,
    uptime = math.floor(timer.wall() - self.born),
  }, { offline = "drop" })
end

-- `derbynet/alerts`; also a line in the log.
function Announcer:alert(severity, message)
  log[severity == "info" and "info" or severity == "error" and "error" or "warn"]("%s", message)
  mqtt.publish(self.prefix .. "/alerts", {
    timestamp = os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(timer.wall())),
    service = "race", severity = severity, message = message,
  }, { qos = 1, offline = "queue" })
end

local function publish_retained(self, topic, entry)
  mqtt.publish(self.prefix .. "/" .. topic, entry.payload,
    { qos = entry.qos, retain = true, offline = "latest" })
end

-- A retained message, sent when it changes; again with each connection.
function Announcer:retained(topic, payload, qos)
  local text = type(payload) == "table" and json.encode(payload) or payload
  local entry = self.sent[topic]
  if entry and entry.payload == text then return end
  entry = { payload = text, qos = qos }
  self.sent[topic] = entry
  publish_retained(self, topic, entry)
end

-- `derbynet/status`; `offline` when the script ends (of a crash the connection's last will tells).
function Announcer:online()
  mqtt.will(self.prefix .. "/status", "offline", { qos = 1, retain = true })
  self.sent.status = nil -- What was said before may have been followed by the will.
  self:retained("status", "online", 1)
end

function Announcer:led(lane, colour) self:retained(("lane/%d/led"):format(lane), colour, 2) end

function Announcer:pinny(lane, racer) self:retained(("lane/%d/pinny"):format(lane), racer, 2) end

-- A broker that was away may have forgotten everything.
function Announcer:repeat_all()
  for topic, entry in pairs(self.sent) do publish_retained(self, topic, entry) end
end

function Announcer:update(device)
  return mqtt.publish(("%s/device/%s/update"):format(self.prefix, device), "update",
    { qos = 1, offline = "drop" })
end

return Announcer
