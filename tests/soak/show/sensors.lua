-- Readings at full speed: decoded, averaged, kept in `state`, the store and a series, and sent on.
state.means = state.means or {}
local count = 0

mqtt.subscribe("soak/sensors/+/data", function(msg, id)
  local value = msg.json.value
  local mean = 0.9 * (state.means[id] or value) + 0.1 * value
  state.means[id] = mean
  count = count + 1
  if count % 10 == 0 then
    store.set("soak/mean/" .. id, mean)
    store.series("soak/" .. id, { keep = 60 }):append(mean)
    mqtt.publish("soak/mean/" .. id, { value = mean, history = { mean, value } },
      { qos = 1, retain = true, offline = "latest" })
  end
  if count % 25 == 0 then
    local text = count .. (" of what is queued"):rep(10)
    mqtt.publish("soak/log", text, { qos = 1, offline = "queue" })
  end
end, { qos = 1 })

-- Questions to what is stored.
timer.every(1, function()
  local points = store.series("soak/a"):range(timer.wall() - 10, timer.wall(), { every = 1 })
  store.runs("soak"):add({ points = points and #points or 0 })
  store.runs("soak"):list({ limit = 5 })
end, { name = "questions" })
