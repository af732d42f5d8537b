-- The detectors and the calibration that bridge.lua uses, on samples written down here.
local impact = require "engine.impact"

-- Feeds amplitudes at 100 samples a second, after a second of quiet; returns the hits.
local function hits_in(options, amplitudes)
  options.warmup = options.warmup or 0
  local detector, hits, time = impact.detector(options), {}, 0
  for _ = 1, 100 do
    time = time + 0.01
    detector:sample(time, 0.02)
  end
  for _, amplitude in ipairs(amplitudes) do
    time = time + 0.01
    hits[#hits + 1] = detector:sample(time, amplitude)
  end
  return hits, detector
end

local function near(value, wanted)
  if math.abs(value - wanted) > 1e-6 then
    error(("%.9f expected, got %.9f"):format(wanted, value), 2)
  end
end

local function raises(text, fn)
  local ok, err = pcall(fn)
  assert(not ok, "an error expected")
  assert(err:find(text, 1, true), err)
  assert(err:find "detector_test.lua:", "names the author's line: " .. err)
end

describe("the hit detector", function()
  it("reports peak, duration and root mean square of a hit", function()
    local hits = hits_in({}, { 0.5, 0.8, 0.6, 0.02 })
    assert(#hits == 1)
    near(hits[1].peak, 0.8)
    near(hits[1].time, 1.02)
    near(hits[1].onset, 1.01)
    near(hits[1].duration, 0.03)
    near(hits[1].rms, math.sqrt((0.25 + 0.64 + 0.36 + 0.0004) / 4))
  end)

  it("ends a hit that falls straight below min_amp there, not at the next noise", function()
    -- LeadVille looked at min_amp first: such a hit lasted until something louder came.
    local hits = hits_in({}, { 0.5, 0.001, 0.001, 0.001, 0.001, 0.015 })
    assert(#hits == 1)
    near(hits[1].duration, 0.01)
  end)

  it("releases by the fall from the peak when a plate rings on", function()
    local hits = hits_in({}, { 0.5, 0.45, 0.25, 0.24, 0.23 })
    assert(#hits == 1)
    near(hits[1].duration, 0.02)
  end)

  it("takes what is too short for no hit", function()
    assert(#hits_in({ ring_min = 0.02 }, { 0.5, 0.02, 0.02 }) == 0)
    assert(#hits_in({ ring_min = 0.01 }, { 0.5, 0.02, 0.02 }) == 1)
  end)

  it("finds two hits 80 ms apart, and not a third in the dead time", function()
    local blow = { 0.5, 0.3, 0.1, 0.02, 0.02, 0.4, 0.02, 0.02 } -- The second is 50 ms after.
    for _ = 1, 2 do
      for _, amplitude in ipairs { 0.5, 0.3, 0.1, 0.02 } do blow[#blow + 1] = amplitude end
    end
    local hits = hits_in({}, blow)
    near(hits[1].onset, 1.01)
    near(hits[2].onset, 1.09)
    assert(#hits == 2)
  end)

  it("does not take the ringing of a heavy hit for others, with ring_decay", function()
    local ringing = {}
    for number = 1, 30 do ringing[number] = 2.0 * math.exp(-(number - 1) * 0.01 / 0.03) end
    assert(#hits_in({}, ringing) > 1)
    assert(#hits_in({ ring_decay = 0.035 }, ringing) == 1)
  end)

  it("follows the baseline up within a second", function()
    local slow = {}
    for number = 1, 300 do slow[number] = 0.02 + number * 0.0002 end
    slow[301], slow[302], slow[303] = 0.12, 0.11, 0.05 -- 0.1 over zero, but not over the baseline.
    local hits, detector = hits_in({ trigger_high = 0.07 }, slow)
    assert(#hits == 0)
    near(detector:status().baseline, 0.05)
  end)

  it("detects nothing while it warms up", function()
    assert(#hits_in({ warmup = 1.02 }, { 0.5, 0.02, 0.5, 0.02 }) == 1)
    assert(#hits_in({ warmup = 3 }, { 0.5, 0.02, 0.5, 0.02 }) == 0)
  end)

  it("leaves out what is late, negative or infinite", function()
    local detector = impact.detector { warmup = 0 }
    for number = 1, 20 do detector:sample(number, 0.01) end
    for _, bad in ipairs { 0 / 0, math.huge, -1 } do assert(not detector:sample(21, bad)) end
    assert(not detector:sample(20, 0.9))
    assert(detector:status().sample_count == 20)
    assert(not detector:status().triggered)
  end)

  it("ends a hit that its sensor's silence has cut off", function()
    local detector = impact.detector { warmup = 0 }
    for number = 1, 20 do detector:sample(number / 100, 0.01) end
    detector:sample(0.21, 0.5)
    detector:sample(0.22, 0.6)
    local hit = detector:sample(9, 0.01)
    near(hit.duration, 0.01)
  end)

  it("carries on from what the one before knew", function()
    local _, before = hits_in({}, { 0.5, 0.8 })
    local hit = impact.detector({ warmup = 0 }, before.data):sample(1.03, 0.02)
    near(hit.peak, 0.8)
  end)

  it("names the nearest option and the bounds", function()
    raises("unknown option 'triger_high', did you mean 'trigger_high'?",
      function() impact.detector { triger_high = 1 } end)
    raises("dead_time: a number from 0 to 10 expected, got -1",
      function() impact.detector { dead_time = -1 } end)
    raises("trigger_low: at most trigger_high (0.05) expected, got 0.5",
      function() impact.detector { trigger_low = 0.5 } end)
    raises("a table of options expected, got number", function() impact.detector(5) end)
    raises("a time and a number expected, got 1 and x",
      function() impact.detector():sample(1, "x") end)
  end)
end)

describe("the onset detector", function()
  local function impacts_in(magnitudes, options)
    local detector, found = impact.onset(options), {}
    for number, magnitude in ipairs(magnitudes) do
      found[#found + 1] = detector:sample(number / 100, magnitude)
    end
    return found
  end

  it("reports when an impact began, its peak, and how sure it is", function()
    local found = impacts_in { 5, 40, 200, 90, 10 }
    assert(#found == 1)
    near(found[1].onset, 0.02)
    near(found[1].time, 0.03)
    near(found[1].duration, 0.03)
    assert(found[1].samples == 4)
    near(found[1].confidence, 0.4 * 1 + 0.3 * 4 / 6 + 0.3 * 200 / 225)
  end)

  it("wants three samples and the peak", function()
    assert(#impacts_in { 200, 10, 10 } == 0)
    assert(#impacts_in { 40, 149, 40, 10 } == 0)
    assert(#impacts_in({ 200, 10 }, { min_samples = 2 }) == 1)
  end)
end)

describe("calibration", function()
  local function calibrated(options, sample)
    local calibration = impact.calibration(options)
    local state
    for number = 1, 100 do state = calibration:sample(number / 100, sample(number)) end
    return state, calibration.data
  end

  it("takes the median of each axis, and leaves outliers out", function()
    local state, data = calibrated({}, function(number)
      local blow = number % 20 == 0 and 3 or 0
      return 0.1 + (number % 3 - 1) * 0.01 + blow, -0.2, 1 + (number % 5 - 2) * 0.01
    end)
    assert(state == "done")
    near(data.result.baseline.x, 0.1)
    near(data.result.baseline.y, -0.2)
    near(data.result.baseline.z, 1)
    assert(data.result.outliers == 5)
    assert(data.result.noise.x < 0.01 and data.result.noise.y < 1e-9)
  end)

  it("takes other samples when the plate was not at rest, until its time is over", function()
    local calibration = impact.calibration { max_noise = 0.05, timeout = 2 }
    for number = 1, 150 do calibration:sample(number / 100, number % 10, 0, 0) end
    assert(calibration:check(1.9) == "collecting")
    assert(calibration:check(2.02) == "failed")
    assert(calibration.data.problem:find "not stationary")
  end)

  it("fails after 30 s with too few samples, also when none comes any more", function()
    local calibration = impact.calibration()
    for number = 1, 37 do calibration:sample(number, 0, 0, 1) end
    assert(calibration.data.state == "failed")
    assert(calibration.data.problem == "30 of 100 samples within 30 s", calibration.data.problem)
  end)
end)
