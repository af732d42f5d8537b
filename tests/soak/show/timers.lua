-- Timers and subscriptions that come and go all the time, and a callback that fails.
local handles = {}

timer.every(0.01, function()
  for slot = 1, 20 do
    if handles[slot] then handles[slot]:cancel() end
    handles[slot] = timer.after(math.random() * 0.02, function() handles[slot] = nil end)
  end
end)

timer.every(0.05, function()
  local once
  once = mqtt.subscribe("soak/sensors/+/#", function() once:cancel() end)
  local unused = mqtt.subscribe("soak/unused/" .. math.random(1000) .. "/+", function() end)
  timer.after(0.1, function()
    once:cancel()
    unused:cancel()
  end)
  local seen = devices.on_change(function() end)
  mqtt.on_connection(function() end):cancel()
  seen:cancel()
end)

mqtt.subscribe("soak/fault", function(msg) error("as asked: " .. msg.payload) end)
