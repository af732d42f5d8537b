-- Tests power.lua in virtual time: `engine test scenes/mower`.
local ALERT = "lawnberry/safety/alerts/battery"
local HOME = "lawnberry/commands/navigation"

local function charge(percent)
  bus.inject("lawnberry/sensors/battery/data", {
    metadata = { timestamp = timer.wall(), message_id = script.uuid(), sender = "battery",
      message_type = "sensor_data", priority = 1 },
    payload = { sensor_type = "battery", data = { charge_percentage = percent } },
  })
end

describe("the battery", function()
  it("is told as Home Assistant reads it", function()
    charge(81)
    local told = bus.expect("lawnberry/power/battery", { charge_percentage = 81 })
    assert(told.retain and told.qos == 1)
  end)

  it("sends the mower home at 20 percent, and again at 5", function()
    charge(21)
    bus.expect_none(ALERT)
    charge(20)
    bus.expect(ALERT, { payload = { severity = "warning" } })
    bus.expect(HOME, { metadata = { priority = 2 }, payload = { command = "return_to_base" } })
    charge(19)
    bus.expect_none(HOME)
    charge(5)
    bus.expect(ALERT, { payload = { severity = "critical" } })
    bus.expect(HOME, { payload = { command = "return_to_base" } })
  end)

  it("is well again at 80 percent", function()
    charge(4)
    bus.expect(ALERT)
    charge(79)
    bus.expect_none(ALERT)
    charge(80)
    bus.expect(ALERT, "")
  end)
end)
