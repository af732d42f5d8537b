-- Times as the document writes them, "2024-01-15T10:30:00.000Z", and as the engine counts them.
local time = {}

function time.iso(seconds)
  local whole = math.floor(seconds)
  local thousandths = math.floor((seconds - whole) * 1000 + 0.5)
  if thousandths == 1000 then whole, thousandths = whole + 1, 0 end
  return os.date("!%Y-%m-%dT%H:%M:%S", whole) .. (".%03dZ"):format(thousandths)
end

-- Days from 1970-01-01 to a date of the Gregorian calendar: years are counted from March, so that
-- the leap day is the last of a year.
local function days(year, month, day)
  if month <= 2 then year = year - 1 end
  local of_year = math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  local leap_days = math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
  return 365 * year + leap_days + of_year - 719468
end

local ISO = "^(%d%d%d%d)-(%d%d)-(%d%d)[T ](%d%d):(%d%d):(%d%d%.?%d*)(.*)$"

local function offset(zone)
  if zone == "" or zone == "Z" then return 0 end
  local sign, hours, minutes = zone:match "^([+-])(%d%d):?(%d%d)$"
  if not sign then return nil end
  return (hours * 3600 + minutes * 60) * (sign == "+" and 1 or -1)
end

-- Unix seconds of a number or an ISO 8601 text (without a zone: UTC); nil when it is neither.
function time.read(value)
  if type(value) == "number" then return value >= 0 and value < 1e11 and value or nil end
  if type(value) ~= "string" then return nil end
  local year, month, day, hour, minute, second, zone = value:match(ISO)
  local shift = zone and offset(zone)
  if not shift then return nil end
  year, month, day, hour, minute, second = tonumber(year), tonumber(month), tonumber(day),
    tonumber(hour), tonumber(minute), tonumber(second)
  if year < 1970 or month < 1 or month > 12 or day < 1 or day > 31 or hour > 23 or minute > 59
    or not second or second >= 61 then
    return nil
  end
  return days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - shift
end

return time
