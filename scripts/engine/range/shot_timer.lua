-- The shot timer: what its notifications mean for the string of fire.
local source_clock = require "engine.range.source_clock"
local milliseconds = require("engine.range.string_of_fire").milliseconds

local ShotTimer = {}
ShotTimer.__index = ShotTimer

-- `on` has the functions start(time), shot(event, time), stop(time).
function ShotTimer.new(definition, publisher, data, on)
  data.clock = data.clock or {}
  data.events, data.rejected = data.events or 0, data.rejected or 0
  data.reconnections = data.reconnections or 0
  return setmetatable({ source = definition.source, mac = definition.mac, publisher = publisher,
    data = data, on = on }, ShotTimer)
end

local function or_null(value) return value == nil and json.null or value end

local function ms_or_null(seconds) return seconds and milliseconds(seconds) or json.null end

-- A timer's numbers, as LeadVille names them.
function ShotTimer:data_of(event, time)
  return {
    source = self.source, shot_no = or_null(event.shot), time_ms = ms_or_null(event.elapsed),
    split_ms = ms_or_null(event.split), first_ms = ms_or_null(event.first_shot),
    series = or_null(event.series), timestamp_ns = math.floor(time * 1e9),
  }
end

function ShotTimer:status(expected)
  local data = self.data
  return {
    connected = data.connected or false, mac = or_null(data.mac or self.mac),
    signal_strength = or_null(data.rssi), battery = or_null(data.battery),
    sensitivity = or_null(data.sensitivity), expected_delay_ms = milliseconds(expected),
    events = data.events, messages_rejected = data.rejected, reconnections = data.reconnections,
    error = or_null(data.error),
  }
end

local function connected(self, now)
  local data = self.data
  if data.connected == now then return end
  if now and data.connected == false then data.reconnections = data.reconnections + 1 end
  data.connected = now
  log.info("timer %s %s", self.source, now and "connected" or "disconnected")
  self.on.changed()
end

local function know(data, event)
  for _, name in ipairs { "mac", "rssi", "battery", "sensitivity" } do
    if event[name] ~= nil then data[name] = event[name] end
  end
end

-- Says in words what came as bytes, for those who listen to timer/events.
local function repeat_in_words(self, event, time)
  local word = event.kind == "START" and "T0" or event.kind
  local data = word == "T0" and { source = self.source, timestamp_ns = math.floor(time * 1e9) }
    or self:data_of(event, time)
  self.publisher:event("/timer/events", word, data, { marked = true, when = time })
end

local SAID = { START = true, SHOT = true, STOP = true, ARROW_END = true }

-- Takes in an event (timer_message.read) that arrived at `arrival`.
function ShotTimer:take(event, arrival)
  local data = self.data
  data.events = data.events + 1
  know(data, event)
  connected(self, event.kind ~= "DISCONNECTED")
  local time = event.stamp and source_clock.to_local(data.clock, event.stamp, arrival) or arrival
  if event.raw and SAID[event.kind] then repeat_in_words(self, event, time) end
  if event.kind == "START" then
    self.on.start(time)
  elseif event.kind == "SHOT" then
    self.on.shot(event, time)
  elseif event.kind == "STOP" then
    self.on.stop(time)
  end
end

function ShotTimer:reject(why)
  local data = self.data
  data.rejected = data.rejected + 1
  if data.error == why then return end
  data.error = why
  log.warn("timer: %s", why)
  self.on.changed()
end

return ShotTimer
