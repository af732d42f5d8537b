-- A string of fire: from the start signal to the stop, its shots and hits, its stage and its score.
-- It is a plain table, so that it outlives a reload; here is what happens to it.
local string_of_fire = {}

local function new_targets(stage)
  local targets = {}
  for number, target in ipairs(stage.targets) do
    targets[number] = { plate = target.plate, category = target.category or "primary",
      needed = target.category == "penalty" and 0 or target.hits or 1, hits = 0 }
  end
  return targets
end

-- `announced` may have run_id, shooter, match and stage (the name).
function string_of_fire.new(run_id, t0, stage, announced)
  return {
    run_id = run_id, t0 = t0, wall = timer.wall() - (timer.now() - t0), state = "running",
    shooter = announced.shooter, match = announced.match, stage = announced.stage or stage.name,
    limit = stage.limit, targets = new_targets(stage), shots = {}, hits = {},
    last_activity = t0,
  }
end

function string_of_fire.shot(string, event, time)
  local elapsed = event.elapsed or time - string.t0
  local number = event.shot and event.shot > 0 and event.shot or event.shots or #string.shots + 1
  local last = string.shots[#string.shots]
  if last and last.number == number then return nil end -- Told twice.
  local split = event.split
  if not split or split == 0 then split = elapsed - (last and last.elapsed or 0) end
  local shot = { number = number, elapsed = elapsed, time = time, split = split }
  string.shots[#string.shots + 1] = shot
  string.last_shot, string.last_activity = elapsed, time
  return shot
end

function string_of_fire.find_shot(string, number)
  for _, shot in ipairs(string.shots) do
    if shot.number == number then return shot end
  end
end

function string_of_fire.target(string, plate)
  for _, target in ipairs(string.targets) do
    if target.plate == plate then return target end
  end
end

local function is_cleared(string)
  for _, target in ipairs(string.targets) do
    if target.hits < target.needed then return false end
  end
  return #string.targets > 0
end

-- A hit that a shot has made. Returns whether that cleared its target, and the stage.
function string_of_fire.hit(string, hit)
  string.hits[#string.hits + 1] = hit
  string.last_activity = math.max(string.last_activity, hit.time)
  local target = string_of_fire.target(string, hit.plate)
  if not target then return false, false end
  target.hits = target.hits + 1
  local cleared = target.needed > 0 and target.hits == target.needed
  return cleared, cleared and is_cleared(string)
end

local function targets_status(string)
  local list = json.array {}
  for number, target in ipairs(string.targets) do
    list[number] = { plate_id = target.plate, category = target.category, hits = target.hits,
      needed = target.needed, cleared = target.needed > 0 and target.hits >= target.needed }
  end
  return list
end

local function milliseconds(seconds) return math.floor(seconds * 1000 + 0.5) end

string_of_fire.milliseconds = milliseconds

function string_of_fire.score_status(score)
  local penalties = json.array {}
  for number, each in ipairs(score.penalties or {}) do
    penalties[number] = { plate_id = each.plate_id, reason = each.reason,
      time_ms = milliseconds(each.seconds) }
  end
  return { time_ms = milliseconds(score.time), total_ms = milliseconds(score.total),
    penalties = penalties }
end

function string_of_fire.status(string, score, now)
  local elapsed = (string.ended or now) - string.t0
  return {
    state = string.state, reason = string.reason, stage = string.stage or json.null,
    shooter = string.shooter or json.null, match = string.match or json.null,
    targets = targets_status(string), shot_count = #string.shots, hit_count = #string.hits,
    time_elapsed_ms = milliseconds(elapsed),
    time_remaining_ms = string.limit and milliseconds(math.max(string.limit - elapsed, 0))
      or json.null,
    score = string_of_fire.score_status(score),
  }
end

-- What is kept of it for good.
function string_of_fire.record(string, score)
  local shots, hits = json.array {}, json.array {}
  for number, shot in ipairs(string.shots) do
    shots[number] = { number = shot.number, time = shot.elapsed, split = shot.split }
  end
  for number, hit in ipairs(string.hits) do
    hits[number] = { shot = hit.shot, plate = hit.plate, sensor = hit.sensor, peak = hit.peak,
      time = hit.time - string.t0, delay = hit.delay, confidence = hit.confidence }
  end
  return { run_id = string.run_id, started = string.wall, reason = string.reason,
    shooter = string.shooter, match = string.match, stage = string.stage, shots = shots,
    hits = hits, score = score }
end

return string_of_fire
