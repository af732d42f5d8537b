-- Shows the mower's battery in Home Assistant, in the form that the mower's document has.
local home_assistant = require "engine.home_assistant"
local service = require "engine.service"

home_assistant.device {
  id = "lawnberry_01",
  form = "components", -- homeassistant/sensor/lawnberry_battery/config
  device = { identifiers = { "lawnberry_01" }, name = "Lawnberry Mower",
    model = "Autonomous Mower v1.0" },
  components = {
    lawnberry_battery = {
      platform = "sensor",
      unique_id = "lawnberry_battery",
      name = "Lawnberry Battery",
      device_class = "battery",
      unit_of_measurement = "%",
      state_topic = service.topic "power/battery",
      -- Flat, as power.lua sends it; in an envelope the values are one level down.
      value_template = "{{ (value_json.payload.data if value_json.payload is defined "
        .. "else value_json).charge_percentage }}",
    },
  },
}
