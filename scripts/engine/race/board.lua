-- What everybody sees of a race: LEDs, pinnies, the lanes, the standings.
local display = require "engine.race.display"

local board = {}

local NOBODY = "0000" -- On the pinny of a lane that is free.

function board.phase(race) return race.kept.heat and race.kept.heat.phase or "STOPPED" end

-- Red: stopped, or nobody is on it; blue: staged; green: racing; purple: arrived.
local function colour(current, lane)
  if not current or not current.lanes[lane] then return "red" end
  if current.phase == "STAGING" then return "blue" end
  return current.times[lane] and "purple" or "green"
end

-- {lane, racer?, name?, led, device?, online, ready, battery?, display, time?}
local function lane_of(race, lane)
  local current = race.kept.heat or { lanes = {}, times = {} }
  local device, id = race.track:timer_of(lane)
  local racer = current.lanes[lane]
  local online = device ~= nil and race.track.is_online(device)
  local seen = {
    lane = lane, racer = racer, name = race.options.names[racer], time = current.times[lane],
    led = colour(race.kept.heat, lane), device = id, battery = device and device.battery,
    online = online,
  }
  local shown = { led = seen.led, up = device and device.up, battery = seen.battery,
    pinny = racer or NOBODY }
  seen.ready = online and display.is_ready(shown)
  seen.display = display.text(shown)
  return seen
end

local function lanes(race)
  local list = json.array {}
  for lane = 1, race.options.lanes do list[lane] = lane_of(race, lane) end
  return list
end

-- Racers of a heat that is over stay on the pinnies until the next one is staged.
local function show_pinnies(race)
  local current = race.kept.heat or race.kept.last
  if not current then return end
  for lane = 1, race.options.lanes do
    race.out:pinny(lane, current.lanes[lane] or NOBODY)
  end
end

-- Brings everything that is seen to what holds now; what has not changed is not sent.
function board.show(race)
  local phase = board.phase(race)
  if race.kept.said ~= phase then
    race.kept.said = phase
    race.out:state(phase)
  end
  for lane = 1, race.options.lanes do race.out:led(lane, colour(race.kept.heat, lane)) end
  show_pinnies(race)
  race.out:retained("race/lanes", lanes(race), 1)
end

function board.status(race)
  local current = race.kept.heat
  local all_ready = current ~= nil
  local list = lanes(race)
  for lane, one in ipairs(list) do
    if current and current.lanes[lane] and not one.ready then all_ready = false end
  end
  return {
    state = board.phase(race), round = current and current.round, heat = current and current.heat,
    seconds = current and current.started and timer.now() - current.started, ready = all_ready,
    lanes = list,
  }
end

-- Why a staged heat should not start yet, or nil.
function board.unready(race)
  local reasons = {}
  for lane, one in ipairs(lanes(race)) do
    if one.racer and not one.ready then
      reasons[#reasons + 1] = ("lane %d %s"):format(lane, not one.device and "has no timer"
        or not one.online and "is offline" or "has its flag down")
    end
  end
  return #reasons > 0 and table.concat(reasons, ", ") or nil
end

function board.show_standings(race, round, list)
  race.out:retained("race/standings", { roundid = round, standings = json.array(list) }, 1)
  local lines = {}
  for _, one in ipairs(list) do
    lines[#lines + 1] = ("%d. %s%s %.3f s"):format(one.place, one.racer,
      one.name and " " .. one.name or "", one.score)
  end
  if #lines > 0 then log.info("standings: %s", table.concat(lines, ", ")) end
end

-- What other services of the derby have to say (their topic is ours).
function board.alert_from_others(msg)
  if msg.retained then return end
  local said = type(msg.json) == "table" and msg.json or {}
  if said.service == "race" then return end
  local text = ("%s: %s"):format(tostring(said.service or "an alert"),
    tostring(said.message or "without a message: " .. msg.payload:sub(1, 100)))
  log.warn("%s", text:gsub("[^\32-\126]", "?"):sub(1, 300))
end

return board
