-- Tests home_assistant.lua in virtual time: `engine test scenes/mower`.
describe("the mower in Home Assistant", function()
  local told

  before_each(function()
    told = bus.expect("homeassistant/sensor/lawnberry_battery/config", {
      device_class = "battery", unit_of_measurement = "%", unique_id = "lawnberry_battery",
      state_topic = "lawnberry/power/battery", device = { identifiers = { "lawnberry_01" } },
    }, { within = 1 })
  end)

  it("is announced in the document's form, retained", function()
    assert(told.retain and told.qos == 1)
    assert(json.decode(told.payload).platform == nil)
  end)

  it("reads its charge whether or not it comes in an envelope", function()
    local template = json.decode(told.payload).value_template
    assert(template:find("value_json.payload.data", 1, true))
    assert(template:find("charge_percentage", 1, true))
  end)

  it("is announced again when Home Assistant has started", function()
    bus.inject("homeassistant/status", "online")
    bus.expect("homeassistant/sensor/lawnberry_battery/config", nil, { within = 5 })
  end)
end)
