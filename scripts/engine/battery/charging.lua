-- Charging sessions: found in the readings, kept as runs.
local chemistry = require "engine.battery.chemistry"
local history = require "engine.battery.history"

local charging = {}

local LONGEST_GAP = 7200 -- Seconds without a reading: what was between is not known.
local CHARGE_CURRENT = 0.5 -- A
local HYSTERESIS = 0.2 -- V of 12 V

function charging.runs(battery) return store.runs("charging/" .. battery.id) end

local function is_charging(battery, r, in_session)
  local current = r.current and r.current * battery.garage.charge_sign
  if current and current >= CHARGE_CURRENT then return true end
  if not r.voltage then return in_session end
  local least = chemistry.kinds[battery.chemistry].charging - (in_session and HYSTERESIS or 0)
  return history.per_12(battery, r.voltage) >= least and not (current and current < 0)
end

local function begin(battery, r)
  local rest = battery.kept.rest
  battery.kept.session = {
    started = r.time, last = r.time, peak_voltage = r.voltage, charge = r.current and 0,
    soc_before = rest and rest.state_of_charge,
  }
end

-- Ampere hours by the current at its end of each stretch.
local function go_on(battery, session, r)
  if r.current and session.charge then
    session.charge = session.charge
      + r.current * battery.garage.charge_sign * (r.time - session.last) / 3600
  end
  session.last = r.time
  session.peak_voltage = math.max(session.peak_voltage or 0, r.voltage or 0)
end

local function rounded(value, factor) return value and math.floor(value * factor + 0.5) / factor end

local function finish(battery, session)
  local kept = battery.kept
  kept.session, kept.charge_ended = nil, session.last
  local run = {
    device_id = battery.id, vehicle_id = battery:vehicle_id(), time = session.started,
    ended = session.last, seconds = session.last - session.started,
    peak_voltage = session.peak_voltage, charge_ah = rounded(session.charge, 100),
    soc_before = rounded(session.soc_before, 10),
  }
  kept.last_session = run
  if run.seconds == 0 then return end -- One reading makes no session.
  if script.loading() then -- Which may yet fail.
    timer.after(0, function() charging.runs(battery):add(run) end)
  else
    charging.runs(battery):add(run)
  end
  local length = run.seconds < 3600 and ("%.0f min"):format(run.seconds / 60)
    or ("%.1f h"):format(run.seconds / 3600)
  log.info("%s: charged for %s, up to %.2f V", battery.name, length, run.peak_voltage or 0)
end

-- Called for each reading that is newer than those before.
function charging.observe(battery, r)
  local session = battery.kept.session
  if session and r.time - session.last > LONGEST_GAP then
    finish(battery, session)
    session = nil
  end
  if is_charging(battery, r, session ~= nil) then
    if session then go_on(battery, session, r) else begin(battery, r) end
  elseif session then
    finish(battery, session)
  end
end

return charging
