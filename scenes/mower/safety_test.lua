-- Tests safety.lua in virtual time: `engine test scenes/mower`.
local STOP = "lawnberry/safety/emergency_stop"

-- A reading as the document has it.
local function reading(sensor_type, data, metadata)
  local envelope = {
    metadata = {
      timestamp = timer.wall(), message_id = script.uuid(), sender = sensor_type,
      message_type = "sensor_data", priority = 1, retry_count = 0,
    },
    payload = { sensor_type = sensor_type, device_id = sensor_type, data = data },
  }
  for name, value in pairs(metadata or {}) do envelope.metadata[name] = value end
  return envelope
end

local function see(data, metadata)
  bus.inject("lawnberry/vision/detections", reading("vision", data, metadata))
end

local function measure(data) bus.inject("lawnberry/sensors/imu/data", reading("imu", data)) end

local function command(name)
  local envelope = reading("x", {})
  envelope.metadata.message_type, envelope.metadata.sender = "command", "remote"
  envelope.metadata.correlation_id = "c1"
  envelope.payload = { target = "safety", command = name, parameters = {} }
  bus.inject("lawnberry/commands/safety", envelope)
end

describe("the emergency stop", function()
  it("is given for a person within three metres", function()
    see { person_detected = true, distance = 3.1 }
    bus.expect_none(STOP)
    see { person_detected = true, distance = 3.0 }
    local stop = bus.expect(STOP, { metadata = { message_type = "alert", priority = 3 },
      payload = { alert_type = "emergency_stop", severity = "critical",
        message = "person detected 3.0 m away" } })
    assert(stop.retain and stop.qos == 2)
    local alert = bus.expect("lawnberry/safety/alerts/emergency_stop",
      { payload = { severity = "critical" } })
    assert(alert.retain and alert.qos == 2)
  end)

  it("is given for a reading that has not become a message", function()
    bus.inject("mower/raw/imu", { tilt = 24 })
    bus.expect_none(STOP)
    bus.inject("mower/raw/imu", { tilt = -25 })
    bus.expect(STOP, { payload = { message = "tilted by -25 degrees" } })
  end)

  it("is given for a pet within one and a half", function()
    see { pet_detected = true, distance = 1.6 }
    bus.expect_none(STOP)
    see { pet_detected = true, distance = 1.5 }
    bus.expect(STOP, { payload = { message = "pet detected 1.5 m away" } })
  end)

  it("is given at 25 degrees, and a warning at 15", function()
    measure { tilt = 14.9 }
    bus.expect_none "lawnberry/safety/alerts/tilt"
    measure { tilt = -15 }
    bus.expect("lawnberry/safety/alerts/tilt", { payload = { severity = "warning" } })
    bus.expect_none(STOP)
    measure { tilt = 25 }
    bus.expect(STOP, { payload = { message = "tilted by 25 degrees" } })
  end)

  it("takes a person whose distance is not known for near, and one who is not there for none",
    function()
      see { person_detected = false, distance = 1 }
      see { person_detected = json.null }
      bus.expect_none(STOP)
      see { person_detected = true }
      bus.expect(STOP)
    end)

  it("is given for plain text, for broken envelopes and for old ones", function()
    for _, send in ipairs {
      function() bus.inject("lawnberry/vision/detections", "person_detected near the hedge") end,
      function() bus.inject("lawnberry/vision/detections", { person_detected = true }) end,
      function() see({ person_detected = true }, { sender = "" }) end,
      function() see({ person_detected = true, distance = 1 }, { timestamp = 1000 }) end,
    } do
      send()
      bus.expect(STOP, { payload = { severity = "critical" } })
      command "clear_emergency_stop"
      bus.expect(STOP, "")
    end
  end)

  it("is given once, until it is cleared", function()
    see { person_detected = true, distance = 1 }
    bus.expect(STOP)
    see { person_detected = true, distance = 0.5 }
    bus.expect_none(STOP)
    command "clear_emergency_stop"
    bus.expect(STOP, "")
    bus.expect("lawnberry/responses/remote",
      { metadata = { correlation_id = "c1" }, payload = { success = true } })
    see { person_detected = true, distance = 1 }
    bus.expect(STOP)
  end)

  it("is not missed while the stop before comes back from the broker", function()
    see { person_detected = true, distance = 1 }
    local first = bus.expect(STOP, { payload = {} })
    command "clear_emergency_stop"
    bus.inject(STOP, first.payload)
    see { person_detected = true, distance = 1 }
    bus.expect(STOP, "")
    bus.expect(STOP, { payload = {} })
  end)

  it("of somebody else holds until somebody clears it", function()
    bus.inject(STOP, "stop")
    see { person_detected = true, distance = 1 }
    bus.expect_none(STOP)
    bus.inject(STOP, "")
    see { person_detected = true, distance = 1 }
    bus.expect(STOP)
  end)

  it("of before the start still holds, and no old detection gives one", function()
    bus.inject(STOP, { metadata = {}, payload = {} }, { retain = true })
    see { person_detected = true, distance = 1 }
    bus.expect_none(STOP)
    command "clear_emergency_stop"
    bus.expect(STOP, "")
    bus.inject("lawnberry/vision/detections", reading("vision", { person_detected = true }),
      { retain = true })
    bus.expect_none(STOP)
  end)

  it("can be cleared by whoever is in doubt", function()
    command "clear_emergency_stop"
    assert(bus.expect(STOP, "").retain)
  end)
end)

describe("the temperature", function()
  it("raises an alert out of 5 to 40 degrees, and takes it back", function()
    measure { temperature = 4 }
    bus.expect("lawnberry/safety/alerts/temperature", { payload = { severity = "warning" } })
    measure { temperature = 41 }
    bus.expect_none "lawnberry/safety/alerts/temperature"
    measure { temperature = 40 }
    assert(bus.expect("lawnberry/safety/alerts/temperature", "").retain)
  end)
end)
