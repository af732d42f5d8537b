-- Scenes of every kind, short enough to be played thousands of times.
local scene = require "engine.scene"
local state_machine = require "engine.state_machine"
local virtual_device = require "engine.virtual_device"

for room = 1, 4 do
  local name = "room" .. room
  virtual_device {
    id = "esp32_" .. room,
    commands = { name .. "/light", name .. "/steam" },
    delay = { 0.001, 0.02 },
    failure = 0.05,
  }
  scene("sheet" .. room) {
    room = name,
    trigger = { name .. "/button", "PRESSED" },
    go_debounce = 0,
    cues = {
      { 0.00, name .. "/light", "ON" },
      { 0.02, name .. "/steam", "ON", confirm = 0.05, retry = 1, name = "fog" },
      { 0.04, function() state.played = (state.played or 0) + 1 end },
      { 0.05, name .. "/motor", "START", confirm = 0.01 }, -- Nobody answers.
      { 0.06, name .. "/light", "DIM:20", name = "dark" },
      { 0.08, loop_to = "dark", times = 1 },
      { after = "previous", name .. "/steam", "OFF" },
    },
    on_stop = { { name .. "/light", "OFF" }, { name .. "/steam", "OFF", confirm = false } },
  }
end

scene("story", {
  room = "room5",
  trigger = { every = 0.7 },
  go_debounce = 0,
  story = function(s)
    s:send("room5/light", "ON", { confirm = false })
    s:together(function() s:wait(0.02) end,
      function() s:wait_for("soak/mean/+", nil, 0.05) end,
      function() s:wait_any { { "soak/log" }, { "soak/mean/a" }, timeout = 0.05 } end)
    local reply = s:request("soak/ask/story", "how many", { timeout = 0.1 })
    s:send("room5/display", reply and reply.payload or "?", { confirm = false })
    s:run "part"
  end,
  on_stop = { { "room5/light", "OFF", confirm = false } },
})
scene("part", { trigger = { "soak/never" }, story = function(s) s:wait(0.01) end })

state_machine "machine" {
  room = "room6",
  trigger = { "room6/button", "PRESSED" },
  go_debounce = 0,
  initial = "dark",
  states = {
    dark = { on_enter = { { "room6/light", "OFF", confirm = false } },
      transitions = { { timeout = 0.02, to = "bright" } } },
    bright = { timeline = { { 0.01, "room6/light", "ON", confirm = false } },
      transitions = { { message = { "room6/lever", "PULLED" }, to = "END" },
        { timeout = 0.1, to = "END" } } },
  },
}

-- Every so often a sound: mpv comes and goes.
scene("sound", {
  room = "room7",
  trigger = { every = 5 },
  story = function(s)
    s:start "sfx_thunder.wav"
    s:wait(0.3)
  end,
  on_stop = { { "room7/audio", "STOP" } },
})
