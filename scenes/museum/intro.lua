-- The introduction to room 1: a welcome, then the lighthouse turns three times, then the way out.
local scene = require "engine.scene"

scene "intro" {
  room = "room1",
  cues = {
    {   0.0, "room1/light",   "FADE_IN:5" },
    {   1.0, "room1/audio",   "PLAY:welcome.mp3:0.7" },
    {   5.0, "room1/light",   "COLOR:BLUE" },
    {   6.0, "room1/display", "SHOW:info1.png" },

    -- The lighthouse.
    {  10.0, "room1/lamp",    "ON",         name = "lighthouse" },
    {  10.0, "room1/servo",   "ROTATE:90" },
    {  12.0, "room1/servo",   "POSITION:180" },
    {  14.0, "room1/lamp",    "OFF" },
    {  16.0, loop_to = "lighthouse", times = 2 },

    -- The storm.
    {  18.0, "room1/audio",   "PLAY:sfx_thunder.wav", name = "storm" },
    {  18.2, "room1/light",   "STROBE" },
    {  20.0, "room1/motor",   "START",      confirm = 2.0, retry = 1 },
    {  20.0, "room1/motor",   "SPEED:3" },
    {  24.0, "room1/motor",   "STOP" },
    {  24.0, "room1/light",   "DIM:50" },

    -- The way out.
    {  26.0, "room1/buzzer",  "BEEP:3",     name = "way out" },
    {  27.0, "room1/door",    "UNLOCK" },
    {  27.5, "room1/light",   "COLOR:RED" },
    {  30.0, "room1/audio",   "fanfare.mp3" },
    { after = "previous", "room1/light", "DIM:10" },
  },
  on_stop = {
    { "room1/motor", "STOP" },
    { "room1/lamp",  "OFF" },
    { "room1/audio", "STOP" },
    { "room1/door",  "UNLOCK" },
    { "room1/light", "OFF" },
  },
}
