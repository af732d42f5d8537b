-- A shooting range: sensors on plates and a shot timer in, impacts and matched shots out, on the
-- topics of LeadVille's bridge.
local Bridge = require "engine.range.bridge"
local declaration = require "engine.range.declaration"
local inlet = require "engine.range.inlet"
local options = require "engine.impact.options"
local reports = require "engine.range.reports"

local Range = {}
Range.__index = Range

local function fail(level, message, ...) error(message:format(...), level + 1) end

local function sensor_of(what, self, id)
  if getmetatable(self) ~= Range then
    fail(3, "%s: write it with a colon, %s(...)", what, what)
  end
  local sensor = self.bridge.sensors[id]
  if not sensor then fail(3, "%s: there is no sensor '%s'", what, tostring(id)) end
  return sensor
end

local function check_bytes(what, bytes)
  if type(bytes) ~= "string" then fail(3, "%s: bytes expected, got %s", what, type(bytes)) end
end

function Range:sample(id, x, y, z, time)
  local sensor = sensor_of("range:sample", self, id)
  options.check_sample("range:sample", x, y)
  options.check_sample("range:sample", z, time or 0)
  local now = timer.now()
  sensor:seen(now)
  sensor:sample(time or now, x, y, z)
end

function Range:notification(id, bytes)
  local sensor = sensor_of("range:notification", self, id)
  check_bytes("range:notification", bytes)
  return inlet.sensor_bytes(self.bridge, sensor, bytes, timer.now())
end

function Range:timer_notification(bytes)
  check_bytes("range:timer_notification", bytes)
  return inlet.timer_bytes(self.bridge, bytes, timer.now())
end

function Range:recalibrate(id) sensor_of("range:recalibrate", self, id):recalibrate() end

function Range:announce(about)
  options.checked(2, function()
    options.check_names("range:announce", about, { "run_id", "shooter", "match", "stage" })
    for name, value in pairs(about) do options.check_id("range:announce: " .. name, value) end
  end)
  self.bridge.runs:announce(about)
end

function Range:status() return reports.bridge(self.bridge) end

return function(given)
  local read = options.checked(2, declaration.read, given)
  if type(state.range) ~= "table" then state.range = {} end
  local self = setmetatable({}, Range)
  self.bridge, state.range[read.prefix] = Bridge.new(read, state.range[read.prefix] or {})
  inlet.open(self.bridge)
  reports.begin(self.bridge)
  timer.after(0, function() self.bridge:wake() end) -- What is due is not for a main chunk.
  return self
end
