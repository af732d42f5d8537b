-- The ghost appears when a visitor presses the button.
local scene = require "engine.scene"

scene "ghost" {
  room    = "room1",
  trigger = { "room1/button1", "PRESSED" },
  cues = {
    {  0.0, "room1/light", "DIM:20" },
    {  2.5, "room1/audio", "PLAY:sfx_thunder.wav" },
    {  3.0, "room1/light", "STROBE" },
    {  4.0, "room1/light", "OFF" },
    {  5.0, "room1/steam", "ON", confirm = 2.0 },
    {  8.0, function() log.info "now the fog should be thick" end },
    {  8.0, "room1/video", "PLAY_VIDEO:ghost.mp4", name = "ghost" },
    { 10.0, "room1/motor", "START", retry = 1 },
    { 16.0, "room1/motor", "STOP" },
    { 17.0, "room1/steam", "OFF" },
  },
  on_stop = {
    { "room1/motor", "STOP" },
    { "room1/steam", "OFF" },
    { "room1/video", "STOP_VIDEO" },
    { "room1/light", "ON" },
  },
}
