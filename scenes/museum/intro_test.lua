-- Tests intro.lua in virtual time: `engine test scenes`.
describe("the introduction", function()
  before_each(function()
    media.duration("fanfare.mp3", 3)
    scene.start "intro"
  end)

  it("welcomes the visitors", function()
    bus.expect("room1/light", "FADE_IN:5", { at = 0 })
    bus.expect("room1/audio", "PLAY:welcome.mp3:0.7", { at = 1 })
    bus.expect("room1/display", "SHOW:info1.png", { at = 6 })
  end)

  it("turns the lighthouse three times before the storm", function()
    bus.expect("room1/audio", "PLAY:sfx_thunder.wav", { within = 60 })
    local turns = 0
    for _, message in ipairs(bus.messages "room1/servo") do
      if message.payload == "ROTATE:90" then turns = turns + 1 end
    end
    assert(turns == 3, turns .. " turns")
  end)

  it("opens the way out, and dims the light when the fanfare is over", function()
    local fanfare = bus.expect("room1/audio", "fanfare.mp3", { within = 60 })
    bus.expect("room1/light", "DIM:10", { at = fanfare.time + 3 })
    assert(#bus.messages "room1/door" >= 1)
  end)

  it("can be begun at the storm", function()
    scene.jump("intro", "storm")
    bus.expect("room1/audio", "PLAY:sfx_thunder.wav")
    bus.expect("room1/light", "STROBE", { within = 0.3 })
  end)
end)
