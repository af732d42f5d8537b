-- The first scene: the light comes up, fog, a motor turns, and all is dark again.
local scene = require "engine.scene"

scene "first" {
  room = "room1",                                 -- one scene per room at a time
  -- trigger = { "room1/button1", "PRESSED" },    -- without one it starts with the engine
  cues = {
    { 0.0, "room1/light", "ON" },                 -- seconds, topic, payload
    { 1.0, "room1/steam", "ON", confirm = 2.0 },  -- the device has 2 s to answer OK
    { 1.5, function() log.info "now there should be fog" end },
    { 2.0, "room1/motor", "START" },
    -- { 2.0, "room1/audio", "music.mp3" },       -- a file in media/, played here
    { 3.0, "room1/motor", "STOP" },
  },
  on_stop = {                                     -- always, however it ends
    { "room1/motor", "STOP" },
    { "room1/steam", "OFF" },
    { "room1/light", "OFF" },
  },
}
