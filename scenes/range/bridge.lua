-- The range's bridge: sensors on the plates and a shot timer in; impacts, and which shot made them,
-- out. Save it while it runs: the sensors stay calibrated and the string goes on.
local range = require "engine.range"

range {
  sensors = {
    { id = "bt50_01", plate = "P1", coordinates = { distance_feet = 21, offset_feet = -6 } },
    { id = "bt50_02", plate = "P2", coordinates = { distance_feet = 27, offset_feet = -2 } },
    { id = "bt50_03", plate = "P3", coordinates = { distance_feet = 27, offset_feet = 2 } },
    { id = "bt50_04", plate = "stop", coordinates = { distance_feet = 30, offset_feet = 0 } },
  },

  detector = {            -- Amplitudes in g, over the plate's rest; times in seconds.
    trigger_high = 0.05,  -- A hit begins here ...
    trigger_low  = 0.01,  -- ... and is over here, or when it has fallen clearly from its peak.
    ring_min     = 0.010, -- Shorter ones are none.
    dead_time    = 0.050, -- After a hit.
    ring_decay   = 0.020, -- A second hit has to stand out of what the first still rings.
    warmup       = 2.0,
  },
  calibration = { max_noise = 0.05 }, -- In g; louder, and the plate is not at rest.

  correlation = {         -- From the shot, as the timer hears it, to the impact.
    expected  = 0.130,    -- Where learning begins.
    tolerance = 0.150,
    before    = 0.1,      -- An impact may be stamped before its shot ...
    after     = 0.5,      -- ... and that long after it.
    lateness  = 0.4,      -- How long gateways may take to tell of either.
    learning  = { low = 0.02, high = 0.4 },
  },

  stage = {
    name = "Four plates",
    limit = 30,
    targets = { { plate = "P1" }, { plate = "P2" }, { plate = "P3" },
                { plate = "stop", category = "stop" } },
  },
}
