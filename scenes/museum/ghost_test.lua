-- Tests ghost.lua in virtual time: `engine test scenes`.
local virtual_device = require "engine.virtual_device"

describe("the ghost", function()
  it("appears when the button is pressed", function()
    bus.inject("room1/button1", "PRESSED")
    bus.expect("room1/light", "DIM:20")
    bus.expect("room1/audio", "PLAY:sfx_thunder.wav", { at = 2.5 })
    bus.expect("room1/steam", "ON", { at = 5 })
    bus.expect("room1/video", "PLAY_VIDEO:ghost.mp4", { at = 8 })
    bus.expect("room1/motor", "START", { at = 10 })
  end)

  it("does not appear when the button is let go", function()
    bus.inject("room1/button1", "RELEASED")
    bus.expect_none("room1/+", nil, { within = 20 })
  end)

  it("tries the motor once more when it does not answer", function()
    bus.inject("room1/button1", "PRESSED")
    bus.expect("room1/motor", "START", { at = 10 })
    bus.expect("room1/motor", "START", { at = 11 }) -- The device has one second.
    bus.expect_none("room1/motor", "START", { within = 5 })
  end)

  it("leaves the motor alone when it answers", function()
    virtual_device { id = "esp32_01", commands = { "room1/motor" }, delay = { 0.1, 0.1 } }
    bus.inject("room1/button1", "PRESSED")
    bus.expect("room1/motor", "START", { at = 10 })
    bus.expect_none("room1/motor", "START", { within = 5 })
  end)

  it("leaves the room safe when it is stopped half-way", function()
    bus.inject("room1/button1", "PRESSED")
    clock.advance(11)
    bus.clear()
    scene.stop "ghost"
    bus.expect("room1/motor", "STOP")
    bus.expect("room1/steam", "OFF")
    bus.expect("room1/light", "ON")
  end)
end)
