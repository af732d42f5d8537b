-- What is stored of a battery, and what follows from it: rest voltage, load, slow drain.
local chemistry = require "engine.battery.chemistry"

local history = {}

local SERIES = { "voltage", "current", "temperature", "state_of_charge" }

local SETTLES = 3600 -- After charging, seconds until the voltage says what is in the battery.
local STEADY = 0.15 -- V of 12 V: more between two readings is a load coming or going.
local REST_CURRENT = 0.5 -- A
local LOAD_KEPT = 7 * 86400 -- So long the deepest dip counts.
local DRAIN_DAYS = 7
local DRAIN_LEAST = 86400 -- A shorter stretch says nothing.

function history.series(battery, name)
  return store.series(("%s/%s"):format(name, battery.id), { keep = battery.garage.keep })
end

-- Volts as a 12 V battery would have them.
function history.per_12(battery, volts) return volts * 12 / battery.nominal end

function history.state_of_charge(battery, volts)
  return chemistry.state_of_charge(battery.chemistry, history.per_12(battery, volts))
end

function history.append(battery, r)
  for _, name in ipairs(SERIES) do
    if r[name] then history.series(battery, name):append(r[name], r.time) end
  end
end

local function is_steady(battery, r, before)
  if r.current then return math.abs(r.current) < REST_CURRENT end
  if not before or not before.voltage then return true end
  return math.abs(history.per_12(battery, r.voltage - before.voltage)) < STEADY
end

local function note_rest(battery, r)
  local kept = battery.kept
  local soc = history.state_of_charge(battery, r.voltage)
  kept.rest = { time = r.time, voltage = r.voltage, state_of_charge = soc }
  history.series(battery, "rest_voltage"):append(r.voltage, r.time)
  if r.time - (battery.drain_rest or 0) >= 3600 then battery.drain_known = nil end
  local session = kept.last_session
  if session and not session.soc_after then session.soc_after = soc end
end

-- The deepest voltage under load of the last days.
local function note_load(battery, r)
  local load = battery.kept.load
  if not load or r.time - load.time > LOAD_KEPT or r.voltage < load.voltage then
    battery.kept.load = { time = r.time, voltage = r.voltage, current = r.current }
  end
end

-- Called for each reading that is newer than those before; after the charging session has seen it.
function history.observe(battery, r, before)
  local kept = battery.kept
  if not r.voltage or kept.session then return end
  if not is_steady(battery, r, before) then
    if not r.current or r.current * battery.garage.charge_sign < 0 then note_load(battery, r) end
  elseif r.time - (kept.charge_ended or -math.huge) >= SETTLES then
    note_rest(battery, r)
  end
end

-- Least squares: how much `value` changes per second.
local function slope(points, value)
  local count, sum_t, sum_v = #points, 0, 0
  for _, point in ipairs(points) do
    sum_t, sum_v = sum_t + point.time, sum_v + value(point)
  end
  local mean_t, mean_v, above, below = sum_t / count, sum_v / count, 0, 0
  for _, point in ipairs(points) do
    local dt = point.time - mean_t
    above, below = above + dt * (value(point) - mean_v), below + dt * dt
  end
  return below > 0 and above / below or 0
end

-- How fast the resting battery empties, from its hourly means since it was last charged:
-- { percent_per_day, days, days_left }; nil when there is too little history.
function history.drain(battery, now)
  local from = math.max(now - DRAIN_DAYS * 86400, (battery.kept.charge_ended or 0) + SETTLES)
  local points = history.series(battery, "rest_voltage"):range(from, now, { every = 3600 })
  if not points or #points < 4 then return nil end
  local span = points[#points].time - points[1].time
  if span < DRAIN_LEAST then return nil end
  local function soc(point) return history.state_of_charge(battery, point.mean) end
  local per_day = -slope(points, soc) * 86400
  local left = soc(points[#points]) - 20
  return { percent_per_day = per_day, days = span / 86400,
    days_left = per_day > 0.05 and math.max(left / per_day, 0) or nil }
end

return history
