-- Tests hardware.lua in virtual time: `engine test scenes/mower`.
local function command(name, parameters)
  bus.inject("lawnberry/commands/hardware_interface", {
    metadata = { timestamp = timer.wall(), message_id = script.uuid(), sender = "remote",
      message_type = "command", priority = 1, correlation_id = "c1" },
    payload = { target = "hardware_interface", command = name, parameters = parameters },
  })
end

describe("the hardware", function()
  it("wraps what is measured into envelopes", function()
    bus.inject("mower/raw/battery", { charge_percentage = 81 })
    bus.expect("lawnberry/sensors/battery/data", {
      metadata = { sender = "hardware_interface", message_type = "sensor_data", priority = 1 },
      payload = { sensor_type = "battery", device_id = "battery", quality = 1, status = "healthy",
        data = { charge_percentage = 81 }, units = { charge_percentage = "%" } },
    })
  end)

  it("answers read_sensor with the last reading", function()
    command("read_sensor", { sensor_id = "gps" })
    bus.expect("lawnberry/responses/remote", { metadata = { correlation_id = "c1" },
      payload = { success = false, error = "there is no reading of 'gps'" } })
    bus.inject("mower/raw/gps", { latitude = 47.5 })
    command("read_sensor", { sensor_id = "gps" })
    bus.expect("lawnberry/responses/remote",
      { payload = { success = true, result = { value = { latitude = 47.5 } } } })
  end)

  it("stops the blade in an emergency, and does not start it before that is over", function()
    command("set_blade", { on = true })
    bus.expect("mower/raw/blade", "ON")
    bus.inject("lawnberry/safety/emergency_stop", "person_detected")
    bus.expect("mower/raw/blade", "OFF")
    command("set_blade", { on = true })
    bus.expect("lawnberry/responses/remote", { payload = { success = false } })
    bus.inject("lawnberry/safety/emergency_stop", "")
    command("set_blade", { on = true })
    bus.expect("mower/raw/blade", "ON")
  end)

  it("stops the blade when it is shut down", function()
    command("shutdown", {})
    bus.expect("lawnberry/responses/remote", { payload = { result = { shutting_down = true } } })
    clock.advance(0.1)
    bus.expect("mower/raw/blade", "OFF")
    bus.expect("lawnberry/system/services/hardware_interface/status",
      { payload = { status = "offline" } })
  end)
end)
