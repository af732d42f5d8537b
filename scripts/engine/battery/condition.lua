-- Scores the condition of a battery: 100 less what speaks against it, each with a name and a text.
local chemistry = require "engine.battery.chemistry"

-- Points at most, and where they begin and are all given.
local CHARGE = { points = 70, from = 80, to = 10 } -- % state of charge
local SAG = { points = 30 } -- Between `load_low` and `load_bad` of the chemistry.
local ACCEPTANCE = { points = 25, seconds = 3600, full = 75, gained = 10 }
local DRAIN = { points = 20, from = 0.7, to = 3 } -- % per day
local AGE = { points = 30, from = 3 * 3600, to = 24 * 3600 } -- Seconds since the last reading.

-- 0 at `from`, 1 at `to` and beyond.
local function share(value, from, to)
  return math.max(0, math.min(1, (value - from) / (to - from)))
end

local judges = {}

function judges.state_of_charge(b)
  if not b.state_of_charge then return nil end
  return CHARGE.points * share(b.state_of_charge, CHARGE.from, CHARGE.to),
    ("%.0f %% charged"):format(b.state_of_charge)
end

function judges.sag(b)
  if not b.load then return nil end
  local kind, volts = chemistry.kinds[b.chemistry], b.load.voltage * 12 / b.nominal
  return SAG.points * share(volts, kind.load_low, kind.load_bad),
    ("falls to %.2f V under load"):format(b.load.voltage)
end

function judges.charge_acceptance(b)
  local last = b.last_session
  if not last or not last.soc_after or last.seconds < ACCEPTANCE.seconds then return nil end
  local gained = last.soc_after - (last.soc_before or 0)
  local taken = last.soc_after >= ACCEPTANCE.full or gained >= ACCEPTANCE.gained
  return taken and 0 or ACCEPTANCE.points,
    ("%.1f h of charging brought it to %.0f %% only"):format(last.seconds / 3600, last.soc_after)
end

function judges.slow_drain(b)
  if not b.drain then return nil end
  local left = b.drain.days_left and (", %.0f days to 20 %%"):format(b.drain.days_left) or ""
  return DRAIN.points * share(b.drain.percent_per_day, DRAIN.from, DRAIN.to),
    ("loses %.1f %% a day at rest%s"):format(b.drain.percent_per_day, left)
end

function judges.age(b)
  return AGE.points * share(b.age, AGE.from, AGE.to),
    ("the last reading is %.0f h old"):format(b.age / 3600)
end

local ORDER = { "state_of_charge", "sag", "charge_acceptance", "slow_drain", "age" }

local function judge(b)
  if not b.age then
    return nil, { { name = "no_reading", points = 0, text = "no reading yet", device_id = b.id } }
  end
  local score, reasons = 100, {}
  for _, name in ipairs(ORDER) do
    local points, text = judges[name](b)
    points = points and math.floor(points + 0.5) or 0
    if points > 0 then
      score = score - points
      reasons[#reasons + 1] = { name = name, points = points, text = text, device_id = b.id }
    end
  end
  return math.max(score, 0), reasons
end

-- Of several batteries the worst one counts; those without a reading are only named.
return function(batteries)
  local worst, all = nil, {}
  for _, b in ipairs(batteries) do
    local score, reasons = judge(b)
    if score and (not worst or score < worst) then worst = score end
    for _, reason in ipairs(reasons) do all[#all + 1] = reason end
  end
  table.sort(all, function(a, b)
    if a.points ~= b.points then return a.points > b.points end
    return a.device_id .. a.name < b.device_id .. b.name
  end)
  return worst, all
end
