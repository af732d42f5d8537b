-- Tests bridge.lua in virtual time: what gateways send, and what the bridge makes of it.
local range = require "engine.range"

local START = "010500010000000000000000000D"
local SENSORS = { "bt50_01", "bt50_02", "bt50_03", "bt50_04" }
local BATCH = 10

local blows, sequence -- Of this test.

local function shaking(id, time)
  local sum = 0
  for _, blow in ipairs(blows) do
    local since = time - blow.time
    if blow.id == id and since >= 0 then sum = sum + blow.peak * math.exp(-since / 0.015) end
  end
  return sum
end

local function reading(id, first)
  local x, y, z = {}, {}, {}
  for at = 1, BATCH do
    local noise = ((sequence + at) % 7 - 3) * 0.003
    x[at], y[at], z[at] = noise, -noise, 1 + noise + shaking(id, first + (at - 1) / 100)
  end
  return { sensor_id = id, telemetry = { acceleration = { x = x, y = y, z = z },
    sequence = sequence, timestamp_ns = first * 1e9, battery = 77, temperature = 21.5 } }
end

-- Lets time pass while the sensors send their readings, ten at a time.
local function pass(seconds)
  for _ = 1, math.floor(seconds * 100 / BATCH + 0.5) do
    clock.advance(BATCH / 100)
    for _, id in ipairs(SENSORS) do
      bus.inject(("leadville/sensor/%s/telemetry"):format(id),
        reading(id, clock.now() - (BATCH - 1) / 100))
    end
    sequence = sequence + BATCH
  end
end

local function strike(id, after, peak)
  blows[#blows + 1] = { id = id, time = clock.now() + after, peak = peak }
end

local function notify(frame, options, stamp)
  bus.inject("leadville/timer/events", { event_type = "TIMER_EVENT",
    data = { frame = frame, timestamp_ns = stamp and stamp * 1e9 } }, options)
end

local function shoot(number, elapsed)
  notify(("0103%02x%02x%04x000000000000000D"):format(number, number, elapsed * 100))
end

local function stop() notify "0108000100320000000000000000" end

local function decoded(message) return json.decode(message.payload) end

local function last(topic)
  local messages = bus.messages(topic)
  local message = messages[#messages]
  assert(message, "nothing was sent on " .. topic)
  return decoded(message), message
end

local function events(topic, kind)
  local found = {}
  for _, message in ipairs(bus.messages(topic)) do
    local event = decoded(message)
    if event.event_type == kind then found[#found + 1] = event end
  end
  return found
end

describe("the bridge", function()
  before_each(function() blows, sequence = {}, 0 end)

  it("says that it has started, and each 30 s how it is", function()
    bus.expect("leadville/bridge/status",
      { component = "bridge", status = { started = true, active_tasks = 5 } })
    pass(31)
    local status = last "leadville/bridge/status"
    assert(status.component == "bridge" and status.timestamp:find "^%d%d%d%d%-%d%d%-%d%dT.*Z$")
    assert(status.status.t0_set == false and status.status.amg_connected == false)
    assert(status.status.bt50_connected == 4 and status.status.bt50_total == 4)
    local plate = status.status.detector_status.P1
    assert(plate.plate_id == "P1" and plate.warmed_up and not plate.triggered)
    assert(plate.sample_count > 2000 and plate.baseline >= 0)
    for _, field in ipairs { "connected", "enabled", "messages_published", "messages_failed",
      "connection_attempts", "client_id" } do
      assert(status.client_stats[field] ~= nil and status.status.mqtt_stats[field] ~= nil, field)
    end
  end)

  it("has a status for each sensor on its own topic", function()
    pass(2)
    for _, id in ipairs(SENSORS) do
      local status = last(("leadville/sensor/%s/status"):format(id)).status
      assert(status.sensor_id == id and status.connected and status.calibration == "done")
      assert(math.abs(status.baseline.z - 1) < 0.01 and status.noise.x > 0)
      assert(status.battery == 77 and status.temperature == 21.5)
    end
    bus.expect_none "leadville/sensor/status" -- Where LeadVille put them all.
  end)

  it("tells the health of the machine", function()
    local health = last "leadville/system/health"
    assert(health.component == "system")
    assert(health.status.cpu_usage and health.status.disk and health.status.errors.faults == 0)
    pass(31)
    assert(#bus.messages "leadville/system/health" == 2)
  end)

  it("reports a hit with its plate and amplitude", function()
    pass(4)
    strike("bt50_02", 0.02, 0.8)
    pass(0.5)
    local hit = last "leadville/detection/impacts"
    local hits = events("leadville/detection/impacts", "HIT")
    assert(#hits == 1 and hits[1].sensor_id == "bt50_02")
    local data = hits[1].data
    assert(data.plate_id == "P2" and data.sensor_id == "bt50_02" and data.t_rel_ms == json.null)
    assert(data.peak_amplitude > 0.4 and data.duration_ms >= 10 and data.rms_amplitude > 0)
    assert(data.coordinates.distance_feet == 27 and hit.timestamp)
    assert(#tostring(json.encode(data.duration_ms)) <= 7, json.encode(data.duration_ms)) -- 20.001
  end)

  it("finds double hits 80 ms apart on one plate", function()
    pass(4)
    strike("bt50_01", 0.02, 0.8)
    strike("bt50_01", 0.10, 0.8)
    pass(1)
    assert(#events("leadville/detection/impacts", "HIT") == 2)
  end)

  it("tells T0 on timer/events, and shots on detection/shots", function()
    pass(3)
    notify(START)
    bus.expect("leadville/timer/events",
      { event_type = "T0", data = { source = "AMG_Commander" }, bridge = config.site })
    clock.advance(1.5)
    shoot(1, 1.5)
    bus.expect("leadville/timer/events", { event_type = "SHOT", data = { time_ms = 1500 } })
    bus.expect("leadville/run/+/events", { event_type = "SHOT", data = { split_ms = 1500 } })
    bus.expect("leadville/detection/shots", { event_type = "SHOT",
      data = { shot_no = 1, time_ms = 1500, t_rel_ms = 1500, timing_error_ms = 0 } })
    assert(#events("leadville/detection/shots", "T0") == 0)
  end)

  it("matches shots with impacts, scores the string and keeps it", function()
    pass(4)
    bus.inject("leadville/run/club-7/announce", { shooter = "Ann", match = "Thursday" })
    notify(START)
    bus.expect("leadville/run/club-7/events",
      { event_type = "RUN_START", run_id = "club-7", data = { shooter = "Ann" } })
    for number, id in ipairs(SENSORS) do
      pass(1)
      shoot(number, number)
      if number ~= 2 then strike(id, 0.135, 0.9) end
    end
    pass(1)
    stop()
    pass(1)
    local matched = events("leadville/detection/shots", "SHOT_MATCHED")
    assert(#matched == 3)
    assert(matched[1].data.plate_id == "P1" and matched[1].data.shot_no == 1)
    assert(math.abs(matched[1].data.delay_ms - 140) < 15, matched[1].data.delay_ms)
    assert(matched[1].data.confidence > 0.9 and matched[1].run_id == "club-7")
    assert(#events("leadville/detection/shots", "SHOT_MISSED") == 1)
    local status = last "leadville/run/club-7/status"
    assert(status.status.state == "ended" and status.status.reason == "stopped")
    assert(status.status.shot_count == 4 and status.status.hit_count == 3)
    assert(status.status.score.total_ms == 7000) -- 4 s, and 3 s for P2.
    assert(status.status.score.penalties[1].plate_id == "P2")
    local kept = store.runs("string"):list()
    assert(#kept == 1 and kept[1].run_id == "club-7" and kept[1].shooter == "Ann")
    assert(#kept[1].shots == 4 and kept[1].score.total == 7 and kept[1].hits[3].plate == "stop")
  end)

  it("tells which targets are cleared, and the stage", function()
    pass(4)
    notify(START)
    for number, id in ipairs(SENSORS) do
      pass(1)
      shoot(number, number)
      strike(id, 0.135, 0.9)
    end
    pass(1)
    assert(#events("leadville/run/+/events", "TARGET_CLEARED") == 4)
    assert(#events("leadville/run/+/events", "STAGE_CLEARED") == 1)
    local status = last "leadville/run/+/status"
    assert(status.status.time_remaining_ms > 0 and status.status.targets[4].cleared)
  end)

  it("takes a match whichever of shot and impact comes first", function()
    pass(4)
    notify(START, {}, 100) -- Of the gateway's clock.
    strike("bt50_01", 0.95, 0.9)
    pass(1.0)
    notify("010301010052000000000000000D", {}, 100.82) -- It was slow.
    pass(1)
    assert(#events("leadville/detection/shots", "SHOT_MATCHED") == 1)
  end)

  it("does not start by a start signal of the past, nor see old readings", function()
    pass(4)
    notify(START, { retain = true })
    bus.inject("leadville/sensor/bt50_01/telemetry", { telemetry = { acceleration =
      { x = 9, y = 9, z = 9 } } }, { retain = true })
    pass(1)
    bus.expect_none "leadville/run/+/events"
    assert(#events("leadville/detection/impacts", "HIT") == 0)
  end)

  it("counts once what is told twice", function()
    pass(4)
    notify(START)
    notify(START)
    clock.advance(1)
    shoot(1, 1)
    shoot(1, 1)
    assert(#events("leadville/run/+/events", "RUN_START") == 1)
    assert(#events("leadville/detection/shots", "SHOT") == 1)
    sequence = sequence - BATCH
    pass(0.1) -- The same numbers, later stamps: a gateway that was started again.
    assert(decoded(bus.messages("leadville/sensor/bt50_01/status")[1]).status.samples_lost == 0)
  end)

  it("understands a timer whose gateway speaks in words", function()
    pass(4)
    bus.inject("leadville/timer/events", { event_type = "T0", data = {} })
    clock.advance(1)
    bus.inject("leadville/timer/events",
      { event_type = "TIMER_EVENT", data = { type = "SHOT", shot_no = 1, time_ms = 1002 } })
    bus.expect("leadville/detection/shots", { event_type = "SHOT", data = { time_ms = 1002 } })
    bus.expect_none "leadville/timer/events" -- It is there already.
  end)

  it("publishes the readings of sensors whose gateway passes on bytes", function()
    pass(1)
    bus.inject("leadville/sensor/bt50_01/telemetry", { telemetry = {
      frame = "55611100160002000200000001" .. "00E60A430047000A00250025002500" } })
    bus.expect("leadville/sensor/bt50_01/telemetry", { sensor_id = "bt50_01", bridge = config.site,
      telemetry = { velocity = { x = { 17 }, y = { 22 }, z = { 2 } }, temperature = 27.9 } })
  end)

  it("ends a string for which no stop signal comes", function()
    notify(START)
    clock.advance(59)
    assert(#events("leadville/run/+/events", "RUN_END") == 0)
    clock.advance(2)
    assert(events("leadville/run/+/events", "RUN_END")[1].data.reason == "idle")
  end)

  it("ends a string when the next one starts, and takes its status back", function()
    notify(START)
    local first = last "leadville/run/+/status".run_id
    clock.advance(5)
    notify(START)
    assert(events("leadville/run/+/events", "RUN_END")[1].data.reason == "superseded")
    bus.expect(("leadville/run/%s/status"):format(first), "")
  end)

  it("says that a sensor is gone, and that one cannot be calibrated", function()
    pass(0.3)
    clock.advance(4)
    local status = last("leadville/sensor/bt50_01/status").status
    assert(not status.connected)
    bus.inject("leadville/sensor/bt50_01/telemetry", reading("bt50_01", clock.now()))
    assert(last("leadville/sensor/bt50_01/status").status.reconnections == 1)
    for _ = 1, 30 do
      clock.advance(1)
      bus.inject("leadville/sensor/bt50_01/telemetry",
        { telemetry = { acceleration = { x = 0, y = 0, z = 1 } } })
    end
    local problem
    for _, message in ipairs(bus.messages "leadville/sensor/bt50_01/status") do
      local text = decoded(message).status.error
      if text ~= json.null then problem = text end
    end
    assert(problem:find "of 100 samples within 30 s", problem)
  end)

  it("bears whatever comes, and says so", function()
    pass(1)
    for _, payload in ipairs { "", "{", "[]", "null", "42", "\255\0\1", ("x"):rep(100000),
      { telemetry = 5 }, { telemetry = { acceleration = { x = "1", y = 2, z = 3 } } },
      { telemetry = { acceleration = { x = { 1 }, y = { 1, 2 }, z = { 1 } } } },
      { telemetry = { frame = "5561" } }, { telemetry = { frame = "zz" } } } do
      bus.inject("leadville/sensor/bt50_01/telemetry", payload)
      bus.inject("leadville/timer/events", payload)
      bus.inject("leadville/run/x/announce", payload)
    end
    notify "01"
    notify "01FF000000000000000000000000"
    bus.inject("leadville/timer/events", { event_type = "SHOT", data = { shot_no = -1 } })
    bus.inject("leadville/sensor/unknown/telemetry", reading("unknown", 1))
    assert(#faults() == 0)
    assert(last("leadville/sensor/bt50_01/status").status.error:find "frame")
    pass(1)
    assert(last("leadville/sensor/bt50_01/status").status.calibration == "done")
  end)
end)

describe("range", function()
  local function raises(options, text)
    local ok, err = pcall(function() range(options) end)
    assert(not ok and err:find(text, 1, true), tostring(err))
    assert(err:find "bridge_test.lua:", err)
  end
  local function with(name, value)
    return { sensors = { { id = "a", plate = "P1" } }, [name] = value }
  end

  it("names what is wrong in a declaration, where it is and the rule", function()
    raises(5, "a table of options expected, got number")
    raises({}, "range: sensors: a list of tables expected, got nil")
    raises(with("sensor", {}), "unknown option 'sensor', did you mean 'sensors'?")
    raises({ sensors = { { id = "a/b" } } }, "sensors: entry 1: id: a name without / + and #")
    raises({ sensors = { { id = "a" }, { id = "a" } } }, "two are called 'a'")
    raises({ sensors = { { id = "a", plat = 1 } } }, "unknown option 'plat', did you mean 'plate'?")
    raises(with("detector", { triggr_high = 1 }), "did you mean 'trigger_high'?")
    raises({ sensors = { { id = "a", detector = { dead_time = "x" } } } },
      "range: sensor a: detector: dead_time: a number")
    raises(with("correlation", { tolerance = 0 }), "range: correlation: tolerance: a number")
    raises(with("calibration", { sample = 1 }), "did you mean 'samples'?")
    raises(with("stage", { targets = { { plate = "P2" } } }), "did you mean 'P1'?")
    raises(with("stage", { targets = { { plate = "P1", category = "x" } } }), "category:")
    raises(with("prefix", "a/+"), "has a wildcard")
    raises(with("score", 1), "range: score: a function expected")
    raises(with("timer", { mac = 1 }), "range: timer: mac: a name")
  end)
end)
