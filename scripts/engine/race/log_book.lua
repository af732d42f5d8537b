-- The results of the day, kept as runs of the store, so that they outlive saves and restarts.
local LogBook = {}
LogBook.__index = LogBook

local MOST = 1000 -- Heats of the past that are looked at.

-- Simulated heats and real ones do not know of each other.
local function is_simulated() return config.simulate and true or false end

local function day_key(race)
  return ("race/%s/%s"):format(race, is_simulated() and "simulated day" or "day")
end

local function title(heat) return ("%d/%d"):format(heat.round, heat.heat) end

-- Of a heat that was run again, the last one counts.
local function enter(self, row) self.rows[title(row)] = row end

local function load(self)
  local newest_first, err = store.runs("race"):list { limit = MOST }
  if not newest_first then return log.error("earlier results cannot be read: %s", err) end
  local first = store.get(day_key(self.race), 1)
  for number = #newest_first, 1, -1 do
    local row = newest_first[number]
    self.highest = math.max(self.highest, row.id)
    local ours = row.race == self.race and row.simulated == is_simulated()
    if ours and row.id >= first then enter(self, row) end
  end
end

function LogBook.open(race)
  local self = setmetatable({ race = race, rows = {}, highest = 0 }, LogBook)
  load(self)
  return self
end

-- Keeps the results of a heat that has just been run.
function LogBook:add(heat, list)
  local row = {
    race = self.race, round = heat.round, heat = heat.heat, started = heat.started_wall,
    simulated = is_simulated(), results = list,
  }
  enter(self, row)
  local id, err = store.runs("race"):add(row)
  if not id then
    return log.error("the results of heat %s cannot be stored: %s", title(heat), err)
  end
  self.highest = math.max(self.highest, id)
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
  store.set(day_key(self.race), self.highest + 1)
  self.rows = {}
end

return LogBook
