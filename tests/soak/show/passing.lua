-- Is deleted and comes back all the time, with everything that a script can hold.
local scene = require "engine.scene"

mqtt.will("soak/passing", "gone", { retain = true })
mqtt.publish("soak/passing", "here", { retain = true })
mqtt.subscribe("soak/passing/#", function() end)
mqtt.respond("soak/passing/ask", function() return "here" end)
mqtt.on_connection(function() end)
devices.on_change(function() end)
timer.every(0.01, function() state.ticks = (state.ticks or 0) + 1 end, { name = "ticks" })
timer.at("03:00", function() end)
scene "passing" {
  cues = { { 0, "passing/light", "ON" }, { 60, "passing/light", "OFF" } },
  on_stop = { { "passing/light", "OFF" } },
}
local ballast = {}
for number = 1, 2000 do ballast[number] = { number, tostring(number) } end
state.ballast = #ballast
