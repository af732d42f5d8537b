-- Tests garage.lua in virtual time: `engine test scenes/garage`.
local VAN, BOAT, TRAILER = "AA:BB:CC:DD:EE:01", "AA:BB:CC:DD:EE:02", "AA:BB:CC:DD:EE:03"
local DAY = 86400

local function read(id, values, options)
  bus.inject(("reader/device/%s/reading"):format(id), values, options)
end

local function reading_of(id) return ("battery_hawk/device/%s/reading"):format(id) end
local function status_of(id) return ("battery_hawk/device/%s/status"):format(id) end
local function health_of(id) return ("battery_hawk/device/%s/health"):format(id) end

-- Readings every two hours, the oldest first; `volts` of the days that have passed.
local function log_of(id, days, volts, more)
  local now = timer.wall()
  for at = now - days * DAY, now - 7200, 7200 do
    local values = { voltage = volts((at - now) / DAY + days), timestamp = at }
    for key, value in pairs(more or {}) do values[key] = value end
    read(id, values)
  end
end

local function decoded(message) return json.decode(message.payload) end

describe("the garage", function()
  it("is not disturbed by what others say in its topics", function()
    local topic = "battery_hawk/vehicle/van/summary"
    bus.inject(topic, { vehicle_id = "van", overall_health = "good", average_voltage = 12.4,
      total_devices = 3, connected_devices = 2, devices = {} }) -- The document's own example.
    for _, odd in ipairs { "", "x", "[]", "{}", "null", '{"health_reasons": [1]}',
      '{"health_reasons": "x", "overall_health": {}, "connected_devices": "2"}',
      '{"name": 1, "average_voltage": null}', '{"health_reasons": [{"name": {}, "text": 1}]}',
      '{"health_reasons": [{}]}', '{"total_devices": true}' } do
      bus.inject(topic, odd)
    end
    assert(#faults() == 0)
    read(VAN, { voltage = 12.6 })
    bus.expect(reading_of(VAN))
  end)
end)

describe("a reading", function()
  it("is published as the document says, with its power", function()
    read(VAN, { voltage = 12.6, current = 2.5, temperature = 25, state_of_charge = 85,
      capacity = 100, cycles = 150 })
    local sent = bus.expect(reading_of(VAN), { device_id = VAN, voltage = 12.6, current = 2.5,
      temperature = 25, state_of_charge = 85, capacity = 100, cycles = 150, power = 31.5,
      vehicle_id = "van", device_type = "BM6" })
    assert(sent.qos == 1 and not sent.retain)
    assert(decoded(sent).timestamp:find "^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.%d%d%dZ$")
  end)

  it("has no power without a current, and null for what was not measured", function()
    read(VAN, { voltage = 12.6 })
    local sent = decoded(bus.expect(reading_of(VAN)))
    assert(sent.power == nil and sent.current == json.null and sent.capacity == nil)
  end)

  it("carries what else the reader knows, hiding nothing", function()
    read(VAN, { voltage = 12.6, rssi = -60, extra = { voltage = 99, raw = "5a" } })
    bus.expect(reading_of(VAN), { voltage = 12.6, rssi = -60, raw = "5a",
      extra = { rssi = -60, raw = "5a" } })
  end)

  it("that comes twice counts once", function()
    local now = timer.wall()
    read(VAN, { voltage = 12.6, timestamp = now })
    bus.expect(reading_of(VAN))
    read(VAN, { voltage = 12.6, timestamp = now })
    bus.expect_none(reading_of(VAN), nil, { within = 1 })
  end)

  it("that was retained is of an unknown time, and not taken", function()
    read(VAN, { voltage = 12.6 }, { retain = true })
    bus.expect_none("battery_hawk/device/+/reading", nil, { within = 1 })
  end)

  it("of before the last one goes to the history only", function()
    read(VAN, { voltage = 12.6 })
    bus.expect(health_of(VAN), { voltage = 12.6 }, { within = 1 })
    read(VAN, { voltage = 12.1, timestamp = timer.wall() - 3600 })
    bus.expect(reading_of(VAN), { voltage = 12.1 })
    bus.expect_none(health_of(VAN), { voltage = 12.1 }, { within = 60 })
  end)

  it("of a time to come is taken for one of now", function()
    read(VAN, { voltage = 12.6, timestamp = timer.wall() + DAY })
    bus.expect(health_of(VAN), { voltage = 12.6 }, { within = 1 })
    clock.advance(1)
    read(VAN, { voltage = 12.5 })
    bus.expect(health_of(VAN), { voltage = 12.5 }, { within = 1 })
  end)

  it("of 0 V is no reading", function() -- The first that a BM6 sends.
    read(VAN, { voltage = 0 })
    bus.expect_none("battery_hawk/device/+/reading", nil, { within = 1 })
  end)

  it("that makes no sense is refused, and the next one is taken", function()
    local bad = { "", "12.6", "[]", "{}", "null", "\0\1\255", ("x"):rep(100000),
      '{"voltage":"12.6"}', '{"voltage":-1}', '{"voltage":1e9}', '{"voltage":null}',
      '{"voltage":12.6,"timestamp":"yesterday"}', '{"voltage":12.6,"timestamp":-1}',
      '{"voltage":12.6,"device_id":"AA:BB"}', '{"voltage":12.6,"device_id":7}',
      '{"state_of_charge":101}', '{"temperature":{}}' }
    for _, payload in ipairs(bad) do read(VAN, payload) end
    bus.expect_none("battery_hawk/device/+/reading", nil, { within = 1 })
    read(VAN, { voltage = 12.6 })
    bus.expect(reading_of(VAN))
  end)
end)

describe("the status of a monitor", function()
  local function status(id, values)
    bus.inject(("reader/device/%s/status"):format(id), values)
  end

  it("is published retained, with what the reader says", function()
    status(VAN, { connected = false, error_code = 1001, error_message = "Connection timeout" })
    local sent = bus.expect(status_of(VAN), { device_id = VAN, connected = false,
      error_code = 1001, error_message = "Connection timeout", device_type = "BM6" })
    assert(sent.qos == 1 and sent.retain)
    assert(decoded(sent).latest_reading == nil)
  end)

  it("has the last reading, on the top level and whole", function()
    read(VAN, { voltage = 12.6, current = 2.5 })
    status(VAN, { connected = true, protocol_version = "1.0", last_command = "read_data",
      extra = { signal_strength = -45 } })
    bus.expect(status_of(VAN), { connected = true, protocol_version = "1.0", voltage = 12.6,
      power = 31.5, last_command = "read_data", extra = { signal_strength = -45 },
      latest_reading = { device_id = VAN, voltage = 12.6, power = 31.5 } })
  end)

  it("is connected once there is a reading", function()
    read(VAN, { voltage = 12.6 })
    bus.expect(status_of(VAN), { connected = true })
    read(VAN, { voltage = 12.5 })
    bus.expect_none(status_of(VAN), nil, { within = 1 })
  end)

  it("is disconnected when nothing was read for two and a half hours", function()
    read(VAN, { voltage = 12.6 })
    bus.expect(status_of(VAN), { connected = true })
    bus.expect(status_of(VAN), { connected = false, error_message = "no reading for 2.5 h" },
      { within = 2.5 * 3600 + 20 })
    bus.expect("battery_hawk/vehicle/van/summary", { connected_devices = 0 }, { within = 1 })
  end)
end)

describe("the summary of a vehicle", function()
  local topic = "battery_hawk/vehicle/van/summary"

  it("has what the document lists, retained", function()
    read(VAN, { voltage = 12.604, capacity = 70 })
    local sent = bus.expect(topic, { vehicle_id = "van", name = "The van", total_devices = 1,
      connected_devices = 1, disconnected_devices = 0, average_voltage = 12.6, total_capacity = 70,
      overall_health = "excellent", devices = { { id = VAN, device_type = "BM6",
        connected = true, status = "connected", voltage = 12.604 } } }, { within = 1 })
    assert(sent.qos == 1 and sent.retain)
  end)

  it("is published when it says something new, not when time has passed", function()
    read(VAN, { voltage = 12.6 })
    bus.expect(topic, { connected_devices = 1 }, { within = 1 })
    for _ = 1, 5 do
      clock.advance(60)
      read(VAN, { voltage = 12.6 })
    end
    bus.expect_none(topic, nil, { within = 1 })
    read(VAN, { voltage = 12.5 })
    bus.expect(topic, { average_voltage = 12.5 }, { within = 1 })
  end)
end)

describe("a monitor that nobody has declared", function()
  local NEW = "11:22:33:44:55:66"

  it("is told of once, and taken in", function()
    read(NEW, { voltage = 12.6, device_type = "BM2", name = "BM2 Battery Monitor", rssi = -60 })
    local found = bus.expect("battery_hawk/discovery/found", { device_id = NEW,
      device_type = "BM2", name = "BM2 Battery Monitor", rssi = -60 })
    assert(found.qos == 1 and not found.retain)
    bus.expect(reading_of(NEW), { voltage = 12.6, device_type = "BM2" })
    bus.expect("homeassistant/device/battery_hawk_112233445566/config", nil, { within = 1 })
    read(NEW, { voltage = 12.5 })
    bus.expect_none("battery_hawk/discovery/found", nil, { within = 1 })
  end)

  it("may be read by OpenMQTTGateway", function()
    bus.inject("home/gateway/BTtoMQTT/112233445566", { id = NEW, name = "BM2", rssi = -60,
      model_id = "BM2", batt = 90, volt = 12.7, tempc = 21 })
    bus.expect(reading_of(NEW), { voltage = 12.7, state_of_charge = 90, temperature = 21,
      device_type = "BM2" })
  end)

  it("is written in one way, however it comes", function()
    read("aa-bb-cc-dd-ee-01", { voltage = 12.6 })
    bus.expect(reading_of(VAN))
    bus.expect_none "battery_hawk/discovery/found"
  end)
end)

describe("the health of a battery", function()
  local function reason(message, name)
    for _, each in ipairs(decoded(message).reasons) do
      if each.name == name then return each end
    end
    error("no reason " .. name .. " in " .. message.payload)
  end

  it("is unknown before the first reading", function()
    bus.expect(health_of(VAN), { score = json.null, health = "unknown", reasons = {
      { name = "no_reading" } } }, { within = 1 })
  end)

  it("follows from the voltage at rest, by chemistry", function()
    read(VAN, { voltage = 12.80 }) -- agm
    bus.expect(health_of(VAN), { score = 100, state_of_charge = 100 }, { within = 1 })
    read(TRAILER, { voltage = 12.06 }) -- flooded: a quarter
    local sent = bus.expect(health_of(TRAILER), { state_of_charge = 25 }, { within = 1 })
    assert(reason(sent, "state_of_charge").points == 55)
  end)

  it("names the sag under the starter motor", function()
    read(VAN, { voltage = 12.75 })
    clock.advance(2)
    read(VAN, { voltage = 9.0 })
    bus.expect(health_of(VAN), function(payload)
      local body = json.decode(payload)
      return body.state_of_charge > 90 and body.reasons[1] and body.reasons[1].name == "sag"
    end, { within = 1 })
  end)

  it("names slow drain, and how long it will last", function()
    log_of(TRAILER, 6, function(day) return 12.60 - 0.05 * day end)
    bus.expect("battery_hawk/alerts", { alert = "slow_drain", device_id = TRAILER,
      state = "raised" }, { within = 20 })
    local sent = bus.expect(health_of(TRAILER), function(payload)
      return type(json.decode(payload).drain_percent_per_day) == "number"
    end, { within = 20 })
    assert(math.abs(decoded(sent).drain_percent_per_day - 6) < 1, sent.payload)
    assert(reason(sent, "slow_drain").text:find "days to 20 %%")
  end)

  it("names a charge that does not stay", function()
    local now = timer.wall()
    read(TRAILER, { voltage = 12.05, timestamp = now - 5 * 3600 })
    for hour = 4, 2, -1 do read(TRAILER, { voltage = 14.2, timestamp = now - hour * 3600 }) end
    read(TRAILER, { voltage = 12.10, timestamp = now - 1800 })
    read(TRAILER, { voltage = 12.08, timestamp = now - 600 })
    local sent = bus.expect(health_of(TRAILER), { charging = false }, { within = 1 })
    assert(reason(sent, "charge_acceptance").points == 25)
  end)

  it("falls with the age of the reading", function()
    read(VAN, { voltage = 12.80, timestamp = timer.wall() - 13.5 * 3600 })
    local sent = bus.expect(health_of(VAN), { score = 85 }, { within = 1 })
    assert(reason(sent, "age").text == "the last reading is 14 h old")
  end)

  it("is what the scene makes of it: frost costs ten points", function()
    read(VAN, { voltage = 12.80, temperature = -15 })
    bus.expect(health_of(VAN), { score = 90, reasons = { { name = "frost", points = 10 } } },
      { within = 1 })
  end)
end)

describe("charging", function()
  it("is seen, and kept as a session", function()
    local now = timer.wall()
    read(BOAT, { voltage = 13.2, current = -0.3, timestamp = now - 4 * 3600 })
    for hour = 3, 1, -1 do
      read(BOAT, { voltage = 14.2, current = 10, timestamp = now - hour * 3600 })
    end
    bus.expect(health_of(BOAT), { charging = true }, { within = 1 })
    read(BOAT, { voltage = 13.4, current = -0.3 })
    bus.expect(health_of(BOAT), { charging = false }, { within = 1 })
    local session = store.runs("charging/" .. BOAT):list()[1]
    assert(session.seconds == 7200 and session.charge_ah == 20, json.encode(session))
    assert(session.peak_voltage == 14.2 and session.soc_before == 70)
  end)
end)

describe("an alert", function()
  local alerts = "battery_hawk/alerts"

  it("is raised when the voltage stays low, not when the engine is started", function()
    read(VAN, { voltage = 12.6 })
    clock.advance(2)
    read(VAN, { voltage = 9.5 })
    clock.advance(3)
    read(VAN, { voltage = 12.5 })
    bus.expect_none(alerts, nil, { within = 300 })
    read(VAN, { voltage = 11.9 })
    local sent = bus.expect(alerts, { alert = "low_voltage", state = "raised", value = 11.9,
      limit = 12, severity = "warning", device_id = VAN, vehicle_id = "van" }, { within = 75 })
    assert(sent.qos == 2 and not sent.retain)
    bus.expect(health_of(VAN), { alerts = { "low_voltage" } }, { within = 1 })
  end)

  it("is cleared behind its limit, not at it", function()
    read(VAN, { voltage = 11.9 })
    bus.expect(alerts, { alert = "low_voltage", state = "raised" }, { within = 75 })
    read(VAN, { voltage = 12.1 })
    bus.expect_none(alerts, nil, { within = 300 })
    read(VAN, { voltage = 12.4 })
    bus.expect(alerts, { alert = "low_voltage", state = "cleared" }, { within = 1 })
  end)

  it("may be the scene's own", function()
    read(TRAILER, { voltage = 12.00, state_of_charge = 15 })
    bus.expect(alerts, { alert = "empty", severity = "critical", device_id = TRAILER })
  end)
end)

describe("the garage", function()
  it("tells how it is, at once and every five minutes, retained, QoS 2", function()
    local sent = bus.expect("battery_hawk/system/status", { core = { running = true },
      total_devices = 3, configured_devices = 3 }, { within = 1 })
    assert(sent.qos == 2 and sent.retain)
    bus.expect("battery_hawk/system/status", { core = { uptime_seconds = 300 } }, { within = 301 })
  end)

  it("says farewell, and takes back the one of last time", function()
    local cleared = bus.expect("battery_hawk/system/shutdown", "", { within = 1 })
    assert(cleared.retain)
    bus.inject("reader/shutdown", "")
    local sent = bus.expect("battery_hawk/system/shutdown", { status = "shutting_down",
      reason = "the reader is switched off" })
    assert(sent.qos == 2 and sent.retain)
  end)

  it("shows each battery to Home Assistant", function()
    bus.expect("homeassistant/device/battery_hawk_aabbccddee01/config", {
      device = { name = "Van starter", model = "BM6", connections = { { "bluetooth", VAN } } },
      origin = { name = "engine" }, state_topic = health_of(VAN),
      components = { voltage = { platform = "sensor", device_class = "voltage",
        unique_id = "battery_hawk_aabbccddee01_voltage" } } }, { within = 1 })
  end)
end)
