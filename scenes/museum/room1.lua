-- The show of room 1, as the museum's document has it.
local scene = require "engine.scene"

scene "room1" {
  room = "room1",
  length = 12, -- The motor has two seconds before on_stop ends it.
  cues = {
    {  0.0, "room1/light", "ON" },
    {  2.5, "room1/audio", "bg.mp3" }, -- Played here, not sent.
    {  5.0, "room1/steam", "ON" },
    { 10.0, "room1/motor", "START" },
  },
  on_stop = {
    { "room1/motor", "STOP" },
    { "room1/steam", "OFF" },
    { "room1/light", "OFF" },
  },
}
