-- Tests room1.lua in virtual time: `engine test scenes`.
describe("the show of room 1", function()
  before_each(function()
    media.duration("bg.mp3", 60)
    scene.start "room1"
  end)

  it("plays its cues at their times", function()
    bus.expect("room1/light", "ON", { at = 0 })
    bus.expect("room1/audio", "bg.mp3", { at = 2.5 })
    bus.expect("room1/steam", "ON", { at = 5 })
    bus.expect("room1/motor", "START", { at = 10 })
  end)

  it("gives the motor two seconds, and then stops everything", function()
    bus.expect("room1/motor", "STOP", { at = 12 })
    bus.expect("room1/steam", "OFF")
    bus.expect("room1/light", "OFF")
    clock.advance(2)
    assert(scene.status("room1").state == "idle")
  end)

  it("holds every cue back while it is paused", function()
    clock.advance(4)
    scene.pause "room1"
    clock.advance(60)
    scene.resume "room1"
    bus.expect("room1/steam", "ON", { at = 65 })
  end)
end)
