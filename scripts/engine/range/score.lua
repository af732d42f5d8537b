-- The usual score of a string on steel: the time of the last shot, and seconds for what was missed.
local MISSED, FORBIDDEN = 3, 3

local function penalty(plate, reason, seconds)
  return { plate_id = plate, reason = reason, seconds = seconds }
end

local function penalties_of(string)
  local list, sum = {}, 0
  for _, target in ipairs(string.targets) do
    local missing = target.needed - target.hits
    if target.category == "penalty" then
      if target.hits > 0 then
        list[#list + 1] = penalty(target.plate, "hit", FORBIDDEN * target.hits)
      end
    elseif missing > 0 then
      list[#list + 1] = penalty(target.plate, "missed", MISSED * missing)
    end
  end
  for _, each in ipairs(list) do sum = sum + each.seconds end
  return list, sum
end

-- `string` has shots, hits, targets (plate, category, needed, hits), last_shot (seconds) and limit.
return function(string)
  local penalties, seconds = penalties_of(string)
  local time = string.last_shot or 0
  local total = time + seconds
  if string.limit and total > string.limit then total = string.limit end
  return { time = time, penalties = penalties, total = total }
end
