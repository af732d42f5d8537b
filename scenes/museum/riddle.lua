-- The riddle of the lever: who pulls it in time opens the door, who does not is given a hint.
local scene = require "engine.scene"

scene "riddle" {
  room = "room1",
  story = function(s)
    s:send("room1/light", "DIM:20")
    s:play "whisper.mp3" -- Returns when it has ended.
    if not s:wait_for("room1/lever", "PULLED", 30) then return s:run "hint" end
    s:together(
      function() s:send("room1/door", "UNLOCK") end,
      function()
        s:wait(1)
        s:play "fanfare.mp3"
      end)
  end,
  on_stop = { { "room1/light", "ON" } },
}

scene "hint" {
  room = "room1",
  cues = {
    { 0.0, "room1/lamp_lever", "BLINK" },
    { 0.5, "room1/audio",      "whisper.mp3" },
    { 6.0, "room1/lamp_lever", "OFF" },
  },
  on_stop = { { "room1/lamp_lever", "OFF" } },
}
