-- What the four characters of a lane's display show, and when a lane is ready (derby system, finish
-- timer).
local display = {}

local LOW_BATTERY = 20 -- Percent.

-- `lane`: {led, up, battery, pinny}; `up` says whether the flag of its timer is up.
function display.is_ready(lane)
  return lane.led == "green" or (lane.led == "blue" and lane.up == true)
end

function display.text(lane)
  if lane.led == "blue" and not display.is_ready(lane) then return "flip" end
  if lane.led == "red" then
    return lane.battery and lane.battery < LOW_BATTERY and "BATT" or "stop"
  end
  return lane.pinny
end

return display
