-- Places of a heat, and the standings that follow from many.
local results = {}

-- To the millisecond, halves up.
function results.round(seconds) return math.floor(seconds * 1000 + 0.5) / 1000 end

-- Sets `place` in every entry that has `key`: ascending, equal values share a place and the next
-- one is left out (1, 1, 3).
local function set_places(entries, key)
  for _, entry in ipairs(entries) do
    local before = 0
    for _, other in ipairs(entries) do
      if entry[key] and other[key] and other[key] < entry[key] then before = before + 1 end
    end
    entry.place = entry[key] and before + 1 or nil
  end
end

-- The results of a heat by lane: {lane, racer, name?, time, place}, or {..., dnf = true}.
function results.of_heat(heat, names)
  local list = {}
  for lane = 1, 16 do
    local racer = heat.lanes[lane]
    if racer then
      local time = heat.times[lane]
      list[#list + 1] = { lane = lane, racer = racer, name = names[racer], time = time,
        dnf = not time or nil }
    end
  end
  set_places(list, "time")
  return list
end

local function mean(times)
  local sum = 0
  for _, time in ipairs(times) do sum = sum + time end
  return sum / #times
end

-- What counts of a racer's times, which come in ascending order.
local SCORES = {
  average = mean,
  drop_slowest = function(times)
    if #times > 1 then times[#times] = nil end
    return mean(times)
  end,
  best = function(times) return times[1] end,
}

local function scored(runs, scoring, dnf_time)
  local times = {}
  for number, run in ipairs(runs) do times[number] = run.time or dnf_time end
  table.sort(times)
  local score = (SCORES[scoring] or scoring)(times)
  if type(score) ~= "number" or score ~= score then
    error(("scoring: a number expected, got %s"):format(tostring(score)), 0)
  end
  return results.round(score)
end

local function by_racer(rows)
  local list, known = {}, {}
  for _, row in ipairs(rows) do
    for _, result in ipairs(row.results) do
      local entry = known[result.racer]
      if not entry then
        entry = { racer = result.racer, runs = {} }
        known[result.racer] = entry
        list[#list + 1] = entry
      end
      table.insert(entry.runs, result)
    end
  end
  return list
end

-- The standings over `rows` with `results` each: {place, racer, name?, score, runs, dnf} of every
-- racer, the best first.
function results.standings(rows, options)
  local list = by_racer(rows)
  for number, entry in ipairs(list) do
    local dnf = 0
    for _, run in ipairs(entry.runs) do dnf = dnf + (run.dnf and 1 or 0) end
    list[number] = {
      racer = entry.racer, name = options.names[entry.racer], runs = #entry.runs, dnf = dnf,
      score = scored(entry.runs, options.scoring, options.dnf_time),
    }
  end
  set_places(list, "score")
  table.sort(list, function(a, b)
    if a.place ~= b.place then return a.place < b.place end
    return a.racer < b.racer
  end)
  return list
end

return results
