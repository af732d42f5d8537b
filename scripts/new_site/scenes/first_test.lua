-- Tests first.lua, in virtual time and with no broker: `engine test scenes`.
describe("the first scene", function()
  it("brings the light up at once, and turns the motor after two seconds", function()
    scene.start "first"
    bus.expect("room1/light", "ON", { within = 0.1 })
    clock.advance(2)
    bus.expect("room1/motor", "START", { within = 0.1 })
  end)

  it("leaves the room dark", function()
    scene.start "first"
    clock.advance(10)
    bus.expect("room1/light", "OFF")
  end)
end)
