-- Tests navigation.lua in virtual time: `engine test scenes/mower`.
local function envelope(kind, payload)
  return {
    metadata = { timestamp = timer.wall(), message_id = script.uuid(), sender = "remote",
      message_type = kind, priority = 1, correlation_id = "c1" },
    payload = payload,
  }
end

local function command(name)
  bus.inject("lawnberry/commands/navigation",
    envelope("command", { target = "navigation", command = name, parameters = {} }))
end

describe("navigation", function()
  it("waits for the hardware, and is degraded without it", function()
    clock.advance(59)
    bus.expect("lawnberry/system/services/navigation/status", { payload = { status = "starting" } })
    bus.expect("lawnberry/system/services/navigation/status", { payload = { status = "degraded" } },
      { at = 60 })
  end)

  it("is healthy when the hardware is", function()
    bus.inject("lawnberry/system/services/hardware_interface/status",
      envelope("status", { status = "healthy", details = { state = "healthy" } }))
    bus.expect("lawnberry/system/services/navigation/status", { payload = { status = "healthy" } })
    assert(bus.expect("lawnberry/navigation/status", { payload = { status = "idle" } }).retain)
  end)

  it("tells the position that the GPS has", function()
    command "start_mowing"
    bus.inject("lawnberry/sensors/gps/data",
      envelope("sensor_data", { sensor_type = "gps", data = { latitude = 47.5 } }))
    local position = bus.expect("lawnberry/navigation/position",
      { metadata = { message_type = "status", sender = "navigation" },
        payload = { status = "moving", details = { position = { latitude = 47.5 } } } })
    assert(position.retain and position.qos == 1)
  end)

  it("obeys nobody during an emergency stop", function()
    bus.inject("lawnberry/safety/emergency_stop", "person_detected")
    bus.expect("lawnberry/navigation/status", { payload = { status = "stopped" } })
    command "start_mowing"
    bus.expect("lawnberry/responses/remote",
      { payload = { success = false, error = "there is an emergency stop" } })
    bus.inject("lawnberry/safety/emergency_stop", "")
    command "start_mowing"
    bus.expect("lawnberry/navigation/status", { payload = { status = "mowing" } })
  end)
end)
