-- What a reading means for safety: whether it stops the mower, and what it warns of.
local hazards = {}

-- Something was seen; without a distance it counts as near. What is false or null was not seen.
local function too_near(data, what, limit)
  local seen = data[what .. "_detected"]
  if not seen or seen == json.null then return nil end
  local distance = data.distance
  if type(distance) ~= "number" then return ("%s detected in the area"):format(what) end
  if distance > limit then return nil end
  return ("%s detected %.1f m away"):format(what, distance)
end

local function too_steep(data, limits)
  local tilt = data.tilt
  if type(tilt) == "number" and math.abs(tilt) >= limits.tilt_stop then
    return ("tilted by %.0f degrees"):format(tilt)
  end
end

-- Why the mower has to stop, or nil.
function hazards.stop_reason(data, limits)
  return too_near(data, "person", limits.person_distance)
    or too_near(data, "pet", limits.pet_distance)
    or too_steep(data, limits)
end

-- Of a message that cannot be read as it should: rather once too often than once too little.
function hazards.mentions_person(text) return text:find("person_detected", 1, true) ~= nil end

-- Calls `alert(kind, severity, text)` for everything that the reading speaks of.
function hazards.warn(data, limits, alert)
  local tilt, celsius = data.tilt, data.temperature
  if type(tilt) == "number" then
    local steep = math.abs(tilt) >= limits.tilt_warning
    alert("tilt", steep and "warning" or nil, ("tilted by %.0f degrees"):format(tilt))
  end
  if type(celsius) == "number" then
    local bad = celsius < limits.temperature_low or celsius > limits.temperature_high
    alert("temperature", bad and "warning" or nil, ("%.1f degrees Celsius"):format(celsius))
  end
end

return hazards
