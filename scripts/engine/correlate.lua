-- Which shot made which impact: the pair whose delay is nearest to the expected one, in whatever
-- order the two have arrived. A pair is settled once nothing nearer can come any more.
local learning = require "engine.correlate.learning"
local options = require "engine.impact.options"
local parameters_of = require "engine.correlate.parameters"

local Correlator = {}
Correlator.__index = Correlator

local MOST_SHOTS, MOST_IMPACTS = 50, 200 -- Pending; the oldest give way.

local function new(given, data)
  local parameters = options.checked(2, parameters_of.read, "correlate", given)
  data = data or {}
  data.shots, data.impacts = data.shots or {}, data.impacts or {}
  data.delays = data.delays or {}
  if data.configured ~= parameters.expected then -- What was learned began elsewhere.
    data.configured, data.expected, data.delays = parameters.expected, parameters.expected, {}
  end
  return setmetatable({ parameters = parameters, data = data }, Correlator)
end

function Correlator:expected() return self.data.expected end

-- The delays that a match may have.
local function bounds(self)
  local parameters, expected = self.parameters, self.data.expected
  return math.max(-parameters.before, expected - parameters.tolerance),
    math.min(parameters.after, expected + parameters.tolerance)
end

local function tell(self, name, ...)
  local fn = self.parameters[name]
  if fn then fn(...) end
end

local function take_out(list, item)
  for at = 1, #list do
    if list[at] == item then return table.remove(list, at) end
  end
end

local function quality(delay)
  delay = math.abs(delay)
  if delay <= 0.5 then return "excellent" end
  return delay <= 1.0 and "good" or delay <= 2.0 and "fair" or "poor"
end

local function settle(self, pair)
  local data, parameters = self.data, self.parameters
  take_out(data.shots, pair.shot)
  take_out(data.impacts, pair.impact)
  local match = {
    shot = pair.shot, impact = pair.impact, delay = pair.delay,
    confidence = 1 - 0.5 * pair.off / parameters.tolerance,
    quality = quality(pair.delay),
  }
  if parameters.learning then learning.take(data, parameters.learning, pair.delay) end
  tell(self, "on_match", match)
end

-- All pairs that may be a match, the nearest first.
local function pairs_of(self, low, high)
  local data, list = self.data, {}
  for _, shot in ipairs(data.shots) do
    for _, impact in ipairs(data.impacts) do
      local delay = impact.time - shot.time
      if delay >= low and delay <= high then
        list[#list + 1] = { shot = shot, impact = impact, delay = delay,
          off = math.abs(delay - data.expected) }
      end
    end
  end
  table.sort(list, function(a, b)
    if a.off ~= b.off then return a.off < b.off end
    return a.shot.time < b.shot.time
  end)
  return list
end

-- From when on neither a nearer impact for the shot nor a nearer shot for the impact can come.
local function final_at(self, pair, low, high)
  local expected, off = self.data.expected, pair.off
  return math.max(pair.shot.time + math.min(expected + off, high),
    pair.impact.time + math.min(off - expected, -low)) + self.parameters.lateness
end

-- Settles one pair that is final by now, or returns what is `held` in pairs that are not, and when
-- the first of those is final. A nearer pair holds back the others of its shot and of its impact.
local function settle_one(self, now)
  local low, high = bounds(self)
  local held, due = {}, math.huge
  for _, pair in ipairs(pairs_of(self, low, high)) do
    if not held[pair.shot] and not held[pair.impact] then
      local final = final_at(self, pair, low, high)
      if final <= now then
        settle(self, pair)
        return nil
      end
      due = math.min(due, final)
    end
    held[pair.shot], held[pair.impact] = true, true
  end
  return held, due
end

-- Takes out what is in no pair and, `wait` seconds after its time, can no longer be: by the time,
-- not by what has come since. Returns when the next one of the list is due.
local function expire(self, list, name, wait, held, now)
  local due = math.huge
  for at = #list, 1, -1 do
    local over = list[at].time + wait
    if not held[list[at]] and over <= now then
      tell(self, name, table.remove(list, at))
    elseif not held[list[at]] then
      due = math.min(due, over)
    end
  end
  return due
end

-- Settles all that can be settled at the time `now`. Returns when to call it again if nothing else
-- comes; nil when nothing is pending.
function Correlator:advance(now)
  options.check_sample("correlator:advance", now, 0)
  local held, due
  repeat held, due = settle_one(self, now) until held
  local low, high = bounds(self)
  local data, lateness = self.data, self.parameters.lateness
  due = math.min(due, expire(self, data.shots, "on_missed", high + lateness, held, now),
    expire(self, data.impacts, "on_stray", lateness - low, held, now))
  return due < math.huge and due or nil
end

-- A shot at `time`. `about` is a table of the caller's; it becomes the shot, with the time in it.
function Correlator:shot(time, about)
  options.check_sample("correlator:shot", time, 0)
  local shots = self.data.shots
  about = about or {}
  about.time = time
  shots[#shots + 1] = about
  if #shots > MOST_SHOTS then tell(self, "on_missed", table.remove(shots, 1)) end
  return about
end

-- An impact at `time`. Those below `min_magnitude` are none.
function Correlator:impact(time, magnitude, about)
  options.check_sample("correlator:impact", time, magnitude)
  if magnitude < self.parameters.min_magnitude then return nil end
  local impacts = self.data.impacts
  about = about or {}
  about.time, about.magnitude = time, magnitude
  impacts[#impacts + 1] = about
  if #impacts > MOST_IMPACTS then tell(self, "on_stray", table.remove(impacts, 1)) end
  return about
end

return new
