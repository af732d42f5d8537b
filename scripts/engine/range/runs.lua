-- Strings of fire as they come and go: begins and ends them, publishes them, and keeps them.
local Publisher = require "engine.range.publisher"
local default_score = require "engine.range.score"
local string_of_fire = require "engine.range.string_of_fire"

local Runs = {}
Runs.__index = Runs

local IDLE = 60     -- Seconds after the last activity: there will be no stop signal.
local TWICE = 0.05  -- A start signal so near to the last is the same one.

local milliseconds = string_of_fire.milliseconds

-- `settle` says how long after a shot its impact may still be matched; `on_string` hears of each
-- string's end.
function Runs.new(range, publisher, data, settle, on_string)
  data.announced = data.announced or {}
  return setmetatable({
    publisher = publisher, data = data, settle = settle, stage = range.stage,
    score_of = range.score or default_score, on_string = on_string,
  }, Runs)
end

function Runs:current() return self.data.current end

-- Who shoots next: `about` may have run_id, shooter, match and stage.
function Runs:announce(about) self.data.announced = about end

local function event(self, string, event_type, data, when)
  self.publisher:event(("/run/%s/events"):format(string.run_id), event_type, data,
    { run_id = string.run_id, when = when })
end

local function score(self, string)
  local ok, result = pcall(self.score_of, string)
  if ok and type(result) == "table" and type(result.time) == "number"
    and type(result.total) == "number" then
    return result
  end
  script.fault("range: score", ok and "score: a table with time and total expected" or result)
  return default_score(string)
end

function Runs:publish()
  local string = self.data.current
  if not string then return end
  self.publisher:status(("/run/%s/status"):format(string.run_id), "run",
    string_of_fire.status(string, score(self, string), timer.now()), string.run_id)
end

-- From the time of the start; a second one in the same second gets a number.
local function new_id(data, t0)
  local id = os.date("!%Y%m%dT%H%M%SZ", math.floor(timer.wall() - (timer.now() - t0)))
  data.same_second = data.last_id == id and (data.same_second or 1) + 1 or 1
  data.last_id = id
  return data.same_second > 1 and ("%s-%d"):format(id, data.same_second) or id
end

function Runs:start(t0)
  local data = self.data
  local before = data.current
  if before and math.abs(t0 - before.t0) < TWICE then return end
  if before then self:finish("superseded") end
  if data.published then self.publisher:forget(("/run/%s/status"):format(data.published)) end
  local announced = data.announced
  data.announced = {}
  local string = string_of_fire.new(announced.run_id or new_id(data, t0), t0, self.stage, announced)
  data.current, data.published = string, string.run_id
  log.info("string %s: start%s", string.run_id,
    string.shooter and (" of %s"):format(string.shooter) or "")
  event(self, string, "RUN_START", {
    shooter = string.shooter or json.null, match = string.match or json.null,
    stage = string.stage or json.null, timestamp_ns = math.floor(t0 * 1e9),
  }, t0)
  self:publish()
end

-- The shot as the string counts it; nil when there is none, or it has come before.
function Runs:shot(timer_event, time)
  local string = self.data.current
  if not string or string.state ~= "running" then return nil end
  local shot = string_of_fire.shot(string, timer_event, time)
  if not shot then return nil end
  event(self, string, "SHOT", { shot_no = shot.number, time_ms = milliseconds(shot.elapsed),
    split_ms = milliseconds(shot.split) }, time)
  self:publish()
  return shot
end

-- The hit that belongs to a shot of the string.
function Runs:match(match)
  local string, impact = self.data.current, match.impact
  if not string or match.shot.run_id ~= string.run_id then return end
  local cleared, all = string_of_fire.hit(string, {
    shot = match.shot.number, plate = impact.plate, sensor = impact.sensor, peak = impact.magnitude,
    time = impact.time, delay = match.delay, confidence = match.confidence,
  })
  event(self, string, "HIT", { shot_no = match.shot.number, plate_id = impact.plate,
    t_rel_ms = milliseconds(impact.time - string.t0), confidence = match.confidence }, impact.time)
  if cleared then
    event(self, string, "TARGET_CLEARED", { plate_id = impact.plate }, impact.time)
  end
  if all then event(self, string, "STAGE_CLEARED", { stage = string.stage or json.null }) end
  self:publish()
end

function Runs:missed(shot)
  local string = self.data.current
  if not string or shot.run_id ~= string.run_id then return end
  event(self, string, "MISS", { shot_no = shot.number })
end

-- The stop signal: what is under way may still arrive.
function Runs:stop(time)
  local string = self.data.current
  if not string or string.state ~= "running" then return end
  string.state, string.ended, string.ends_at = "closing", time, timer.now() + self.settle
  self:publish()
end

local function keep(string, result)
  local id, err = store.runs("string"):add(string_of_fire.record(string, result))
  if not id then log.error("string %s could not be stored: %s", string.run_id, err) end
end

local function report(string, result)
  local penalties = result.total - result.time
  log.info("string %s: %d shots, %d hits, %.2f s%s", string.run_id, #string.shots, #string.hits,
    result.total, penalties > 0 and (" (%.2f s of penalties)"):format(penalties) or "")
end

-- `reason`: "stopped", "superseded", "idle".
function Runs:finish(reason)
  local string = self.data.current
  string.state, string.reason = "ended", reason
  string.ended = string.ended or timer.now()
  local result = score(self, string)
  event(self, string, "RUN_END", { reason = reason, shot_count = #string.shots,
    hit_count = #string.hits, score = string_of_fire.score_status(result),
    ended = Publisher.iso(timer.wall()) })
  self:publish()
  keep(string, result)
  report(string, result)
  self.data.current = nil
  self.on_string(string, result)
end

-- When it has something to do next; nil when there is no string.
function Runs:due()
  local string = self.data.current
  if not string then return nil end
  if string.state == "closing" then return string.ends_at end
  return string.last_activity + math.max(IDLE, string.limit or 0)
end

function Runs:check(now)
  local due = self:due()
  if due and due <= now then
    self:finish(self.data.current.state == "closing" and "stopped" or "idle")
  end
end

return Runs
