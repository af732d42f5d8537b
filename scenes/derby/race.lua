-- The soapbox day: four cars on three lanes, everybody once on each lane, and the average counts.
local race = require "engine.race"

race "soapbox" {
  lanes     = 3,
  heats     = race.rotation({ 42, 7, 13, 21 }, 3),
  names     = { [42] = "Mia", [7] = "Jonas", [13] = "Ayla", [21] = "Ben" },
  scoring   = "average", -- Or "drop_slowest", "best", or a function of a racer's times.
  dnf_after = 30,        -- Seconds: who has not arrived by then did not finish.
}
