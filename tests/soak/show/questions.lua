-- Requests and their answers: some come, some do not, some come too late.
local task = require "engine.task"

local asked = 0
mqtt.respond("soak/ask/+", function(msg, how)
  if how == "late" then task.wait(0.05) end
  asked = asked + 1
  return { asked = asked, of = msg.payload }
end)

timer.every(0.1, function()
  for _, how in ipairs { "soon", "late", "soon", "nobody" } do
    task.start(function()
      local topic = how == "nobody" and "soak/silence" or "soak/ask/" .. how
      mqtt.request(topic, "what", { timeout = how == "soon" and 2 or 0.03 })
    end)
  end
end)
