-- Brings the time stamps of an outside clock to this machine's: the message that travelled fastest
-- shows how far they are apart.
local source_clock = {}

local DRIFT = 100e-6 -- How fast two quartz clocks part at the most: seconds in a second.
local JUMP = 5       -- Seconds: the other one has been started again.

-- The time here of `stamp`, which arrived at `arrival`; `data` is plain and kept by the caller.
function source_clock.to_local(data, stamp, arrival)
  local apart = arrival - stamp
  local expected = data.apart and data.apart + DRIFT * (arrival - data.at)
  if not expected or apart < expected or apart > expected + JUMP then expected = apart end
  data.apart, data.at = expected, arrival
  return stamp + expected
end

return source_clock
