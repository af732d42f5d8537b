-- Heats as authors, operators and heat sources write them, and where they come from.
local declaration = require "engine.scene.declaration"

local heats = {}

-- Errors carry no position of their own: the caller adds the author's line.
local function fail(message, ...) error(message:format(...), 0) end

local function is_whole(value, least, most)
  return type(value) == "number" and value >= least and value <= most and value % 1 == 0
end

-- A racer's number as pinnies show it, four characters: `0042` for 42.
function heats.racer(what, number)
  if is_whole(number, 0, 9999) then return ("%04d"):format(number) end
  if type(number) == "string" and number:find "^%w%w?%w?%w?$" then
    return ("0"):rep(4 - #number) .. number
  end
  fail("%s: a racer's number expected, 0 to 9999 or up to four letters and digits, got %s", what,
    type(number) == "string" and "'" .. number:sub(1, 40) .. "'" or tostring(number))
end

local function check_part(what, value)
  if value == nil then return 1 end
  if not is_whole(value, 0, 1e9) then
    fail("%s: a whole number from 0 expected, got %s", what, tostring(value))
  end
  return value
end

local function read_lanes(what, heat, lanes)
  local drawn, seen, count = {}, {}, 0
  for lane = 1, lanes do
    local number = heat[lane]
    if number ~= nil and number ~= false and number ~= json.null then
      local racer = heats.racer(("%s: lane %d"):format(what, lane), number)
      if seen[racer] then fail("%s: racer %s is on two lanes", what, racer) end
      drawn[lane], seen[racer], count = racer, true, count + 1
    end
  end
  if count == 0 then fail("%s: no lane has a racer", what) end
  return drawn
end

-- `{ round = 1, heat = 2, 42, false, 13 }` as {round, heat, lanes = {[lane] = racer}}. Raises on
-- what is wrong with it.
function heats.read(what, heat, lanes)
  if type(heat) ~= "table" then fail("%s: a table expected, got %s", what, type(heat)) end
  declaration.check_options(what, heat, { "round", "heat" }, lanes)
  return {
    round = check_part(what .. ": round", heat.round),
    heat = check_part(what .. ": heat", heat.heat),
    lanes = read_lanes(what, heat, lanes),
  }
end

-- The other way round.
function heats.write(heat)
  local written = { round = heat.round, heat = heat.heat }
  for lane, racer in pairs(heat.lanes) do written[lane] = racer end
  return written
end

-- A list of heats, checked. One without a number has its place in the round.
function heats.read_list(list, lanes)
  if type(list) ~= "table" then fail("heats: a list of heats expected, got %s", type(list)) end
  declaration.check_options("heats", list, {}, #list)
  local read, of_round, known = {}, {}, {}
  for number, heat in ipairs(list) do
    local what = ("heat %d"):format(number)
    local one = heats.read(what, heat, lanes)
    of_round[one.round] = (of_round[one.round] or 0) + 1
    if heat.heat == nil then one.heat = of_round[one.round] end
    local title = heats.title(one)
    if known[title] then fail("%s: round %d has a heat %d already", what, one.round, one.heat) end
    known[title] = true
    read[number] = heats.write(one)
  end
  return read
end

function heats.title(heat) return ("%d/%d"):format(heat.round, heat.heat) end

local NO_LIST = "no heats are declared: stage one with its racers"

-- The source of heats that are declared with the race: in their order, those without a result.
function heats.by_list(list, has_result)
  return {
    next = function()
      for _, heat in ipairs(list) do
        if not has_result(heat) then return heat end
      end
      return nil, #list > 0 and "all heats have been run" or NO_LIST
    end,
    find = function(round, number)
      for _, heat in ipairs(list) do
        if heat.round == round and heat.heat == number then return heat end
      end
      return nil, ("there is no heat %d/%d"):format(round, number)
    end,
  }
end

-- As many heats as there are racers (lanes, if those are more): everybody once on each lane.
function heats.rotation(racers, lanes)
  if type(racers) ~= "table" or #racers == 0 then
    fail("race.rotation: a list of racers' numbers expected")
  end
  if not is_whole(lanes, 1, 16) then
    fail("race.rotation: a number of lanes from 1 to 16 expected, got %s", tostring(lanes))
  end
  for number, racer in ipairs(racers) do
    heats.racer(("race.rotation: racer %d"):format(number), racer)
  end
  local chart, places = {}, math.max(#racers, lanes)
  for number = 1, places do
    local heat = {}
    for lane = 1, lanes do heat[lane] = racers[(number + lane - 2) % places + 1] or false end
    chart[number] = heat
  end
  return chart
end

return heats
