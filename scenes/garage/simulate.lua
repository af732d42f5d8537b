-- A gateway that reads three battery monitors: sends the log of a week, then what they measure now.
local VAN, BOAT, TRAILER = "AA:BB:CC:DD:EE:01", "AA:BB:CC:DD:EE:02", "AA:BB:CC:DD:EE:03"
local WEEK, EVERY = 7 * 86400, 2 * 3600

local function send(id, volts, more)
  local body = { device_id = id, voltage = math.floor(volts * 100 + 0.5) / 100 }
  for key, value in pairs(more or {}) do body[key] = value end
  mqtt.publish(("reader/device/%s/reading"):format(id), body, { qos = 1, offline = "drop" })
end

-- The same each time: no two monitors tremble alike.
local function tremble(step, phase) return 0.01 * math.sin(step * 1.7 + phase) end

local function solar(hour)
  if hour < 9 or hour > 16 then return nil end
  return 14.0 + 0.5 * math.sin((hour - 9) / 7 * math.pi)
end

local function boat(at)
  local hour = (at / 3600) % 24
  local charge = solar(hour)
  return charge or (13.32 - 0.006 * ((hour - 16) % 24)), charge and 8 or -0.3
end

local function send_log(now)
  local begin = math.floor((now - WEEK) / EVERY) * EVERY
  for at = begin, now - EVERY, EVERY do
    local step = (at - begin) / EVERY
    send(VAN, 12.78 - 0.0004 * step + tremble(step, 0), { timestamp = at, temperature = 12 })
    local volts, current = boat(at)
    send(BOAT, volts, { timestamp = at, temperature = 15, current = current })
    send(TRAILER, 12.55 - 0.0075 * step + tremble(step, 2), { timestamp = at, temperature = 9 })
  end
end

-- Volts of the van's battery, second by second: at rest, started after four seconds, then charged.
local function van(second)
  if second < 4 then return 12.75 end
  if second < 6 then return 9.9 + 0.3 * (second - 4) end
  return math.min(14.4, 13.6 + 0.1 * (second - 6))
end

timer.after(0.5, function()
  for _, id in ipairs { VAN, BOAT, TRAILER } do
    mqtt.publish(("reader/device/%s/status"):format(id),
      { connected = true, protocol_version = "1.0", extra = { signal_strength = -62 } })
  end
  send_log(timer.wall())
  local second = 0
  timer.every(1, function()
    second = second + 1
    send(VAN, van(second % 60) + tremble(second, 0), { temperature = 12 })
    if second % 5 == 0 then
      local volts, current = boat(timer.wall())
      send(BOAT, volts + tremble(second, 1), { temperature = 15, current = current })
      send(TRAILER, 11.92 + tremble(second, 2), { temperature = 9 })
    end
  end)
end)
