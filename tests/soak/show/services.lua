-- Two services that call each other, and devices for Home Assistant.
local home_assistant = require "engine.home_assistant"
local service = require "engine.service"
local task = require "engine.task"

local navigation = service "navigation" {
  heartbeat_interval = 0.5,
  commands = { add = function(parameters) return { sum = parameters.a + parameters.b } end },
}
local pilot = service "pilot" { heartbeat_interval = 0.5, dependencies = { "navigation" } }

timer.every(0.2, function()
  navigation:publish_reading("gps", { lat = 48.1, lon = 11.6 })
  task.start(function() pilot:call("navigation", "add", { a = 1, b = 2 }, { timeout = 1 }) end)
  task.start(function() pilot:call("nobody", "add", {}, { timeout = 0.1 }) end)
end)
timer.every(3, function()
  pilot:emit_alert("soak", "all is well", "info")
  pilot:clear_alert("soak")
end)

for number = 1, 3 do
  home_assistant.device {
    id = "soak_" .. number,
    state_topic = "soak/mean/a",
    components = { value = { platform = "sensor", value_template = "{{ value_json.value }}" } },
  }
end
