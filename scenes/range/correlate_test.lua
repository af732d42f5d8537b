-- Which shot made which impact: the cases that LeadVille's correlators get wrong among them.
local correlate = require "engine.correlate"

local matches, missed, stray

local function new(options)
  options.on_match = function(match) matches[#matches + 1] = match end
  options.on_missed = function(shot) missed[#missed + 1] = shot end
  options.on_stray = function(impact) stray[#stray + 1] = impact end
  return correlate(options)
end

local function raises(text, fn)
  local ok, err = pcall(fn)
  assert(not ok and err:find(text, 1, true), err)
  assert(err:find "correlate_test.lua:", err)
end

describe("a correlator", function()
  before_each(function() matches, missed, stray = {}, {}, {} end)

  it("matches a shot and its impact once nothing nearer can come", function()
    local c = new { expected = 0.1, tolerance = 0.2, lateness = 0.1 }
    c:shot(10, { number = 1 })
    c:impact(10.14, 0.5, { plate = "P1" })
    local due = c:advance(10.15)
    assert(#matches == 0)
    assert(math.abs(due - 10.24) < 1e-9) -- 10.1 +- 0.04, and a tenth for what is late.
    c:advance(due)
    assert(#matches == 1 and matches[1].shot.number == 1 and matches[1].impact.plate == "P1")
    assert(math.abs(matches[1].delay - 0.14) < 1e-9)
    assert(math.abs(matches[1].confidence - (1 - 0.5 * 0.04 / 0.2)) < 1e-9)
    assert(matches[1].quality == "excellent")
    assert(c:advance(11) == nil)
  end)

  it("matches in either order of arrival", function()
    local c = new { expected = 0.1 }
    c:impact(10.1, 0.5)
    c:advance(10.1)
    c:shot(10)
    c:advance(10.3)
    assert(#matches == 1)
  end)

  it("allows an impact that is stamped before its shot", function()
    local c = new { expected = 0.1, tolerance = 0.2, before = 0.1 }
    c:shot(10)
    c:impact(9.95, 0.5)
    c:advance(11)
    assert(#matches == 1 and matches[1].delay < 0)
    c:shot(20)
    c:impact(19.85, 0.5)
    c:advance(21)
    assert(#matches == 1 and #missed == 1 and #stray == 1)
  end)

  it("takes the nearest delay, not the first impact", function()
    local c = new { expected = 0.1 }
    c:shot(10)
    c:impact(10.02, 0.5, { plate = "early" })
    c:impact(10.11, 0.5, { plate = "right" })
    c:impact(10.25, 0.5, { plate = "late" })
    c:advance(11)
    assert(#matches == 1 and matches[1].impact.plate == "right")
    assert(#stray == 2)
  end)

  it("leaves an impact to the shot that it is nearer to", function()
    local c = new { expected = 0.1, tolerance = 0.3 }
    c:shot(10, { number = 1 }) -- Over the plate.
    c:shot(10.2, { number = 2 })
    c:impact(10.29, 0.5)
    c:advance(11)
    assert(#matches == 1 and matches[1].shot.number == 2)
    assert(#missed == 1 and missed[1].number == 1)
  end)

  it("keeps double shots 80 ms apart in order", function()
    local c = new { expected = 0.1 }
    c:shot(10, { number = 1 })
    c:shot(10.08, { number = 2 })
    c:impact(10.11, 0.5)
    c:impact(10.19, 0.5)
    c:advance(11)
    assert(#matches == 2)
    for _, match in ipairs(matches) do assert(math.abs(match.delay - 0.11) < 1e-9) end
  end)

  it("gives up what pends by the time, not by what has come since", function()
    local c = new { expected = 0.1, tolerance = 0.2, lateness = 0.1 }
    c:shot(10)
    local due = c:advance(10)
    c:advance(due - 0.001)
    assert(#missed == 0)
    c:advance(due) -- Nothing has come since: LeadVille kept the shot until something did.
    assert(#missed == 1)
  end)

  it("gives up no shot because of a later one", function()
    local c = new { expected = 0.1, tolerance = 0.2, lateness = 0.1 }
    c:shot(10)
    c:shot(1000) -- A timer whose clock is wrong.
    c:impact(10.1, 0.5)
    c:advance(10.3)
    assert(#matches == 1 and #missed == 0)
  end)

  it("takes windows and the least magnitude as they are told", function()
    local c = new { expected = 0.526, tolerance = 0.663, after = 1.52, min_magnitude = 150 }
    c:shot(10)
    assert(not c:impact(10.5, 149))
    c:impact(11.1, 150)
    c:advance(13)
    assert(#matches == 1)
  end)

  it("learns the delay within its bounds, and begins anew when it is told another", function()
    local c = new { expected = 0.1, learning = { high = 0.14 } }
    local function string_of(c_, delay)
      for number = 1, 40 do
        c_:shot(number * 10)
        c_:impact(number * 10 + delay, 0.5)
        c_:advance(number * 10 + 5)
      end
    end
    string_of(c, 0.13)
    assert(c:expected() > 0.12 and c:expected() < 0.131, c:expected())
    string_of(c, 0.2)
    assert(c:expected() == 0.14, c:expected())
    assert(correlate({ expected = 0.1 }, c.data):expected() == 0.14)
    assert(correlate({ expected = 0.3 }, c.data):expected() == 0.3)
    local still = new { expected = 0.1, learning = false }
    string_of(still, 0.13)
    assert(still:expected() == 0.1)
  end)

  it("keeps no more than 50 shots and 200 impacts", function()
    local c = new {}
    for number = 1, 60 do c:shot(number) end
    for number = 1, 210 do c:impact(500 + number, 1) end
    assert(#missed == 10 and #stray == 10)
  end)

  it("names what is wrong", function()
    raises("unknown option 'tolerence', did you mean 'tolerance'?",
      function() correlate { tolerence = 1 } end)
    raises("correlate: learning: low: at most high (0.1) expected, got 0.2",
      function() correlate { learning = { low = 0.2, high = 0.1 } } end)
    raises("on_match: a function expected, got number", function() correlate { on_match = 1 } end)
    raises("a window of more than 0 s", function() correlate { before = 0, after = 0 } end)
  end)
end)
