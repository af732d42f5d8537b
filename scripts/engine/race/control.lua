-- A heat as the stage knows it: `engine ctl start`, `stop` and `jump`, saves and restarts.
local heat = require "engine.race.heat"
local heats = require "engine.race.heats"

local function waiting_for(current)
  local missing = {}
  for lane = 1, 16 do
    if current.lanes[lane] and not current.times[lane] then missing[#missing + 1] = lane end
  end
  return ("heat %s, not there yet: lane %s"):format(heats.title(current),
    table.concat(missing, ", "))
end

local function status(race)
  local current = race.kept.heat
  if not current or not race.handle then return { state = "idle", position = 0 } end
  if current.phase == "STAGING" then
    return { state = "running", position = timer.now() - current.staged,
      next = ("heat %s waits for GO"):format(heats.title(current)) }
  end
  return { state = "running", position = timer.now() - current.started,
    next = waiting_for(current), next_at = race.options.dnf_after }
end

-- `rerun`, or a heat such as `1/3`.
local function jump(race, cue)
  if cue == "rerun" then return race:rerun() end
  local round, number = cue:match "^(%d+)/(%d+)$"
  if not round then return nil, "\"rerun\" or a heat such as \"1/3\" expected" end
  return race:stage_named(tonumber(round), tonumber(number))
end

-- What becomes of a heat that the end of the engine has interrupted.
local function recover(race, handle)
  race.handle = handle
  race.kept.heat = race.kept.heat or race.put_aside
  local current = race.kept.heat
  if not current then
    race.handle = nil
    handle:finish("stopped")
    return "stopped", "a heat that runs is aborted"
  end
  if current.phase == "STAGING" then
    race:show()
    return "resumed", ("heat %s is staged"):format(heats.title(current))
  end
  heat.abort(race, "it was interrupted")
  return "stopped", ("heat %s is aborted"):format(heats.title(current))
end

local function cannot(what)
  return function() return nil, ("a race has no %s"):format(what) end
end

-- The functions by which the engine steers this race.
return function(race)
  return {
    go = function() return race:stage() end,
    stop = function(now)
      return race:abort(now and "stopped by the engine" or "stopped by hand")
    end,
    pause = cannot "pause", resume = cannot "pause", seek = cannot "seek",
    jump = function(cue) return jump(race, cue) end,
    status = function() return status(race) end,
    settled = function() end, -- Nothing that a race sends is confirmed.
    export = function()
      heat.disarm(race)
      race.handle = nil
      return {}
    end,
    adopt = function(handle)
      race.handle = handle
      handle:protect(heat.safety(race))
      heat.arm(race)
      race:show()
      return true
    end,
    restart_mode = function() return "stop" end,
    recover = function(handle) return recover(race, handle) end,
  }
end
