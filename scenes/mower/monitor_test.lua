-- Tests monitor.lua in virtual time: `engine test scenes/mower`.
local function status(id, state, age)
  bus.inject(("lawnberry/system/services/%s/status"):format(id), {
    metadata = { timestamp = timer.wall() - (age or 0), message_id = script.uuid(), sender = id,
      message_type = "status", priority = 0 },
    payload = { status = state, details = { service_id = id, state = state } },
  })
end

describe("the monitor", function()
  it("tells of changed states", function()
    status("vision", "starting")
    status("vision", "healthy")
    bus.expect("lawnberry/system/events/service_state_change", { payload = { event_data = {
      service_id = "vision", old_state = "starting", new_state = "healthy" } } })
  end)

  it("tells once when nothing was heard for 90 s", function()
    status("vision", "healthy")
    clock.advance(89)
    bus.expect_none "lawnberry/system/events/service_offline"
    bus.expect("lawnberry/system/events/service_offline",
      { payload = { event_data = { service_id = "vision" } } }, { within = 2 })
    bus.expect_none("lawnberry/system/events/service_offline", nil, { within = 300 })
  end)

  it("goes by what a message says, not by when it comes", function()
    status("vision", "healthy", 80)
    bus.expect("lawnberry/system/events/service_offline", nil, { within = 11 })
  end)

  it("tells how all of them are", function()
    status("vision", "healthy")
    status("power", "degraded")
    local health = bus.expect("lawnberry/system/health", { payload = { status = "degraded",
      details = { services = { vision = "healthy", power = "degraded" } } } }, { within = 31 })
    assert(health.retain)
  end)
end)
