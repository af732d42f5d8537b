-- One heat from staging to its results: what each signal does in each state.
local results = require "engine.race.results"
local heats = require "engine.race.heats"

local heat = {}

-- Seconds: what arrived in time still counts when it is handled late.
local GRACE = 0.1

local function is_running(race) return race.kept.heat and race.kept.heat.phase == "RACING" end

-- Whether there is one, and it is this version of the script that plays it.
local function is_ours(race, phase)
  return race.handle ~= nil and race.kept.heat ~= nil and race.kept.heat.phase == phase
end

-- A line in the log and in `engine trace`, at the heat's own time.
local function note(race, text)
  local current = race.kept.heat
  local from = current.started or current.staged
  if race.handle then race.handle:note(math.max(0, timer.now() - from), text) end
end

local function describe(race, racer)
  local name = race.options.names[racer]
  return name and ("%s %s"):format(racer, name) or racer
end

local function drawn_text(race, drawn)
  local parts = {}
  for lane = 1, 16 do
    local racer = drawn.lanes[lane]
    if racer then parts[#parts + 1] = ("lane %d %s"):format(lane, describe(race, racer)) end
  end
  return table.concat(parts, ", ")
end

-- Nothing ends the heat by itself any more.
function heat.disarm(race)
  if race.deadline then race.deadline:cancel() end
  race.deadline = nil
end

-- Ends it as far as the stage is concerned.
local function close(race, reason)
  local handle = race.handle
  race.kept.heat, race.handle = nil, nil
  heat.disarm(race)
  if handle then handle:finish(reason) end
end

-- `moment` as in `timer.now()`.
local function tell(race, name, moment, fields)
  local current = race.kept.heat
  fields.roundid, fields.heatid = current.round, current.heat
  race:tell(race.out:event(name, moment, fields))
end

-- What the engine sends itself if this code no longer can.
function heat.safety(race)
  local prefix = race.options.prefix
  local cues = { { prefix .. "/race/state", "STOPPED", qos = 1 } }
  for lane = 1, race.options.lanes do
    cues[#cues + 1] = { ("%s/lane/%d/led"):format(prefix, lane), "red", qos = 2, retain = true }
  end
  return cues
end

-- `drawn` as `heats.read` returns it. Replaces a heat that is staged.
function heat.stage(race, drawn)
  if is_running(race) then
    return nil, ("heat %s is running: abort it first"):format(heats.title(race.kept.heat))
  end
  if race.kept.heat then close(race, "stopped") end
  local handle, err = race.scene:begin(heat.safety(race))
  if not handle then return nil, err end
  race.handle = handle
  race.kept.heat = {
    round = drawn.round, heat = drawn.heat, lanes = drawn.lanes, phase = "STAGING",
    staged = timer.now(), times = {},
  }
  race.kept.last = { round = drawn.round, heat = drawn.heat, lanes = drawn.lanes }
  note(race, ("heat %s is staged: %s"):format(heats.title(drawn), drawn_text(race, drawn)))
  race:show()
  race:tell { event = "staged", roundid = drawn.round, heatid = drawn.heat, lanes = drawn.lanes }
  return true
end

-- Arms what ends the heat when somebody does not arrive; after a save by the rule as it is now.
function heat.arm(race)
  heat.disarm(race)
  if not is_ours(race, "RACING") then return end
  local due = race.kept.heat.started + race.options.dnf_after + GRACE
  race.deadline = timer.after(math.max(0, due - timer.now()), function() heat.expire(race) end)
end

-- GO of the start device, which arrived at `moment`.
function heat.start(race, moment)
  if not is_ours(race, "STAGING") then return end
  local current, unready = race.kept.heat, race:unready()
  current.phase, current.started = "RACING", moment
  current.started_wall = results.round(timer.wall() - (timer.now() - moment))
  tell(race, "race_start", moment, {})
  race:show()
  note(race, "GO")
  heat.arm(race)
  if unready then
    race.out:alert("warning", ("heat %s has started although %s"):format(heats.title(current),
      unready))
  end
end

local function count(map)
  local n = 0
  for _ in pairs(map) do n = n + 1 end
  return n
end

local function result_text(race, list)
  local parts = {}
  table.sort(list, function(a, b)
    if a.place ~= b.place then return (a.place or 99) < (b.place or 99) end
    return a.lane < b.lane
  end)
  for _, one in ipairs(list) do
    local who = describe(race, one.racer)
    parts[#parts + 1] = one.place and ("%d. %s %.3f s"):format(one.place, who, one.time)
      or ("%s did not finish"):format(who)
  end
  return table.concat(parts, ", ")
end

-- Everybody has a time, or no more will come.
local function conclude(race, moment)
  local current = race.kept.heat
  local list = results.of_heat(current, race.options.names)
  race.book:add(current, list)
  tell(race, "race_end", moment, { results = list })
  note(race, ("heat %s: %s"):format(heats.title(current), result_text(race, { unpack(list) })))
  close(race, "finished")
  race:show()
  race:show_standings(current.round)
end

-- The flag of a lane has dropped; the message arrived at `moment`.
function heat.finish(race, lane, moment)
  if not is_ours(race, "RACING") then return end
  local current, options = race.kept.heat, race.options
  local racer, seconds = current.lanes[lane], moment - current.started
  if not racer or current.times[lane] or seconds < 0 or seconds > options.dnf_after then return end
  seconds = results.round(seconds)
  if seconds < options.minimum_time then
    race.out:alert("warning", ("lane %d: a finish after %.3f s is not counted, nobody is faster "
      .. "than %g s"):format(lane, seconds, options.minimum_time))
    return
  end
  current.times[lane] = seconds
  tell(race, "lane_finish", moment, { lane = lane, racer = racer, time = seconds })
  note(race, ("lane %d: %s after %.3f s"):format(lane, describe(race, racer), seconds))
  if count(current.times) == count(current.lanes) then conclude(race, moment) else race:show() end
end

-- Who has not arrived by now did not finish.
function heat.expire(race)
  if not is_ours(race, "RACING") then return end
  conclude(race, race.kept.heat.started + race.options.dnf_after)
end

-- The heat has no result, and its clock is forgotten.
function heat.abort(race, reason)
  local current = race.kept.heat
  if not current then return nil, "no heat is staged" end
  tell(race, "race_abort", timer.now(), { reason = reason })
  note(race, ("heat %s is aborted: %s"):format(heats.title(current), reason))
  close(race, "stopped")
  race:show()
  return true
end

-- A heat that no version of the script plays on, since this one or the engine was stopped by force:
-- one that ran has lost its clock; one that was staged comes back with `recover`, if that comes.
function heat.orphaned(race)
  local current = race.kept.heat
  if not current or race.handle then return end
  if current.phase == "RACING" then return heat.abort(race, "it was interrupted") end
  race.put_aside, race.kept.heat = current, nil
  race:show()
end

-- Takes a GO back: the heat is staged again.
function heat.false_start(race, reason)
  if not is_ours(race, "RACING") then return nil, "no heat is running" end
  local current = race.kept.heat
  tell(race, "race_abort", timer.now(), { reason = reason })
  note(race, ("false start: %s"):format(reason))
  current.phase, current.times, current.staged = "STAGING", {}, timer.now()
  current.started, current.started_wall = nil, nil
  race:show()
  return true
end

-- The start device has closed again, `moment` as it arrived.
function heat.closed(race, moment)
  if not is_ours(race, "RACING") then return end
  local open = moment - race.kept.heat.started
  if open < race.options.start_hold then
    heat.false_start(race, ("the start was open for %.3f s only"):format(open))
  end
end

-- What the author's functions hear, they hear when all is done: they may steer the race in turn.
for _, name in ipairs { "stage", "start", "finish", "expire", "abort", "false_start" } do
  local act = heat[name]
  heat[name] = function(race, ...)
    local done, err = act(race, ...)
    race:tell_pending()
    return done, err
  end
end

return heat
