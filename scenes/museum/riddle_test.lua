-- Tests riddle.lua in virtual time: `engine test scenes`.
describe("the riddle", function()
  before_each(function()
    media.duration("whisper.mp3", 4)
    media.duration("fanfare.mp3", 3)
    scene.start "riddle"
  end)

  it("opens the door to who pulls the lever", function()
    bus.expect("room1/audio", "whisper.mp3")
    clock.advance(10)
    bus.inject("room1/lever", "PULLED")
    bus.expect("room1/door", "UNLOCK")
    bus.expect("room1/audio", "fanfare.mp3", { at = 11 })
    bus.expect("room1/light", "ON", { at = 14 }) -- When the fanfare has ended.
  end)

  it("does not hear the lever before the whisper has ended", function()
    clock.advance(2)
    bus.inject("room1/lever", "PULLED")
    bus.expect_none("room1/door", nil, { within = 20 })
  end)

  it("gives a hint to who does not pull it within half a minute", function()
    bus.expect("room1/lamp_lever", "BLINK", { at = 34 })
    bus.expect("room1/audio", "whisper.mp3", { at = 34.5 })
    bus.expect("room1/lamp_lever", "OFF", { at = 40 })
    bus.expect_none("room1/door", nil, { within = 5 })
  end)
end)
