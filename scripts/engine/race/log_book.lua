-- The results of the day, kept as runs of the store, so that they outlive saves and restarts.
local LogBook = {}
LogBook.__index = LogBook

-- Simulated heats and real ones do not know of each other.
local function is_simulated() return config.simulate and true or false end

local function day_key(race)
  return ("race/%s/%s"):format(race, is_simulated() and "simulated day" or "day")
end

local function title(heat) return ("%d/%d"):format(heat.round, heat.heat) end

-- Of a heat that was run again, the last one counts.
local function enter(self, row)
  self.rows[title(row)] = row
end

function LogBook.open(race)
  local self = setmetatable({ race = race, rows = {} }, LogBook)
  local first = store.get(day_key(race), 1)
  local newest_first = store.runs("race"):list {}
  for number = #newest_first, 1, -1 do
    local row = newest_first[number]
    local ours = row.race == race and row.simulated == is_simulated()
    if ours and row.id >= first then enter(self, row) end
  end
  return self
end

-- Keeps the results of a heat that has just been run.
function LogBook:add(heat, list)
  local row = {
    race = self.race, round = heat.round, heat = heat.heat, started = heat.started_wall,
    simulated = is_simulated(), results = list,
  }
  local id, err = store.runs("race"):add(row)
  if not id then log.error("the results of heat %s cannot be stored: %s", title(heat), err) end
  enter(self, row)
end

function LogBook:has(heat) return self.rows[title(heat)] ~= nil end

-- In the order of the heats; without a round, of all.
function LogBook:list(round)
  local list = {}
  for _, row in pairs(self.rows) do
    if round == nil or row.round == round then list[#list + 1] = row end
  end
  table.sort(list, function(a, b)
    if a.round ~= b.round then return a.round < b.round end
    return a.heat < b.heat
  end)
  return list
end

-- A new day: what was run before stays in the store and no longer counts.
function LogBook:begin_day()
  local newest = store.runs("race"):list { limit = 1 }[1]
  store.set(day_key(self.race), newest and newest.id + 1 or 1)
  self.rows = {}
end

return LogBook
