-- Tests race.lua in virtual time: `engine test scenes`.
local EVENT = "derbynet/race/event"

local function device(id, what) return ("derbynet/device/%s/%s"):format(id, what) end

local function command(order) bus.inject("derbynet/race/command", order) end

local function go(options)
  bus.inject(device("starttimer", "state"), { state = "GO", timestamp = 1715432587 }, options)
end

local DIPS = { "1000", "1001", "1010" }

-- The flag of a lane, as its timer reports it.
local function flag(lane, up, options)
  bus.inject(device("L" .. lane, "state"),
    { toggle = up, timestamp = 1715432589, dip = DIPS[lane] }, options)
end

local function finish_at(lane, seconds)
  clock.advance(seconds - clock.now())
  flag(lane, false)
end

local function telemetry(lane, more)
  local said = { hostname = "finishtimerL" .. lane, hwid = "L" .. lane, uptime = 3645,
    ip = "192.168.100.101", mac = "b8:27:eb:c3:d4:e5", battery_level = 100, dip = DIPS[lane] }
  for key, value in pairs(more or {}) do said[key] = value end
  bus.inject(device("L" .. lane, "telemetry"), said)
end

-- The last payload that was sent to a topic.
local function last(topic)
  local list = bus.messages(topic)
  return #list > 0 and list[#list].payload or nil
end

local function events(name)
  local list = {}
  for _, message in ipairs(bus.messages(EVENT)) do
    local event = json.decode(message.payload)
    if event.event == name then list[#list + 1] = event end
  end
  return list
end

local function same(got, wanted)
  assert(got == wanted, ("%s expected, got %s"):format(tostring(wanted), tostring(got)))
end

describe("a heat", function()
  it("is staged, run and told as the document says", function()
    command '{"command": "stage"}'
    bus.expect("derbynet/race/state", "STAGING")
    for lane, number in ipairs { "0042", "0007", "0013" } do
      same(last(("derbynet/lane/%d/led"):format(lane)), "blue")
      same(last(("derbynet/lane/%d/pinny"):format(lane)), number)
    end
    clock.advance(10)
    go()
    local start = bus.expect(EVENT, { event = "race_start", roundid = 1, heatid = 1 })
    same(start.qos, 2)
    same(start.retain, false)
    bus.expect("derbynet/race/state", "RACING")
    same(last "derbynet/lane/1/led", "green")
    finish_at(2, 13.2504)
    bus.expect(EVENT, { event = "lane_finish", lane = 2, racer = "0007", time = 3.25 })
    same(last "derbynet/lane/2/led", "purple")
    same(last "derbynet/lane/1/led", "green")
    finish_at(1, 13.5006)
    bus.expect(EVENT, { event = "lane_finish", lane = 1, racer = "0042", time = 3.501 })
    finish_at(3, 14)
    local over = bus.expect(EVENT, { event = "race_end", roundid = 1, heatid = 1 })
    local results = json.decode(over.payload).results
    same(results[1].place, 2)
    same(results[2].place, 1)
    same(results[3].place, 3)
    same(results[2].name, "Jonas")
    bus.expect("derbynet/race/state", "STOPPED")
    for lane = 1, 3 do same(last(("derbynet/lane/%d/led"):format(lane)), "red") end
  end)

  it("is followed by the next one", function()
    for number = 1, 4 do
      scene.start "soapbox"
      go()
      for lane = 1, 3 do finish_at(lane, clock.now() + 2) end
      same(events("race_end")[number].heatid, number)
    end
    local _, err = stage.go "soapbox"
    same(err, "all heats have been run")
  end)

  it("gives equal times the same place, and leaves the next one out", function()
    command "stage"
    go()
    clock.advance(3)
    flag(3, false)
    flag(1, false)
    clock.advance(1)
    flag(2, false)
    local results = events("race_end")[1].results
    same(results[1].place, 1)
    same(results[2].place, 3)
    same(results[3].place, 1)
  end)

  it("tells LEDs and pinnies what has changed only, retained, with QoS 2", function()
    command "stage"
    local sent = bus.messages "derbynet/lane/#"
    for _, message in ipairs(sent) do
      same(message.qos, 2)
      same(message.retain, true)
    end
    telemetry(1)
    clock.advance(30)
    same(#bus.messages "derbynet/lane/#", #sent)
  end)
end)

-- What goes wrong in the system that this one stands in for.
describe("what must not happen", function()
  it("a GO that the broker has kept starts no race", function()
    command "stage"
    go { retain = true }
    bus.expect_none(EVENT, nil, { within = 20 })
  end)

  it("a GO of anybody but the start device starts no race", function()
    command "stage"
    bus.inject(device("L1", "state"), { state = "GO", timestamp = 1 })
    bus.inject("derbynet/device/starttimer/status", "GO")
    bus.expect_none(EVENT, { event = "race_start" }, { within = 20 })
  end)

  it("a GO counts only while a heat is staged", function()
    go()
    bus.expect_none(EVENT, nil, { within = 1 })
    command "stage"
    go()
    clock.advance(2)
    go()
    same(#events "race_start", 1)
    finish_at(1, 4)
    same(events("lane_finish")[1].time, 3)
  end)

  it("a finish right after GO is not lost", function()
    command "stage"
    go()
    clock.advance(1)
    flag(1, false)
    same(events("lane_finish")[1].time, 1)
  end)

  it("a heat that is aborted leaves no clock behind", function()
    command "stage"
    clock.advance(1)
    go()
    clock.advance(5)
    command '{"command": "abort", "reason": "a dog"}'
    bus.expect(EVENT, { event = "race_abort", roundid = 1, heatid = 1, reason = "a dog" })
    bus.expect("derbynet/race/state", "STOPPED")
    flag(1, false)
    command "stage" -- The same heat: it has no result.
    clock.advance(7)
    go()
    same(events("race_start")[2].heatid, 1)
    finish_at(1, 16)
    same(#events "lane_finish", 1)
    same(events("lane_finish")[1].time, 3)
  end)

  it("a lane that finishes twice counts once", function()
    command "stage"
    go()
    finish_at(1, 2)
    finish_at(1, 2.5)
    finish_at(2, 3)
    same(#events "lane_finish", 2)
    same(#events "race_end", 0)
    finish_at(3, 4)
    same(events("race_end")[1].results[1].time, 2)
  end)

  it("who does not arrive does not hold up the race", function()
    command "stage"
    go()
    finish_at(1, 2)
    finish_at(3, 5)
    bus.expect(EVENT, { event = "race_end" }, { at = 30, tolerance = 0.2 })
    local lane2 = events("race_end")[1].results[2]
    same(lane2.dnf, true)
    same(lane2.time, nil)
    same(lane2.place, nil)
    same(events("race_end")[1].results[3].place, 2)
  end)

  it("a message without toggle is no finish", function()
    command "stage"
    go()
    clock.advance(3)
    bus.inject(device("L1", "state"), { timestamp = 1715432589, dip = "1000" })
    bus.inject(device("L2", "state"), { toggle = "false", dip = "1001" })
    bus.inject(device("L3", "state"), "not JSON")
    same(#events "lane_finish", 0)
    for _, why in ipairs { "L1: its state has no toggle", "L2: its state has no toggle",
      "L3: state is no JSON object" } do
      bus.expect("derbynet/alerts", function(payload) return payload:find(why, 1, true) end)
    end
  end)

  it("what the broker has kept of a flag is no finish", function()
    command "stage"
    go()
    clock.advance(3)
    flag(1, false, { retain = true })
    same(#events "lane_finish", 0)
    clock.advance(1)
    flag(1, false)
    same(events("lane_finish")[1].time, 4)
  end)

  it("a timer that starts during the heat does not finish with its first word", function()
    telemetry(1)
    telemetry(2)
    command "stage"
    go()
    clock.advance(3)
    bus.inject(device("L1", "status"), "offline")
    bus.inject(device("L1", "status"), "online")
    flag(1, false)
    bus.inject(device("L4", "status"), "online") -- A spare one, never heard of before.
    bus.inject(device("L4", "state"), { toggle = false, dip = "1001" })
    same(#events "lane_finish", 0)
    flag(1, true)
    clock.advance(1)
    flag(1, false)
    flag(2, false)
    same(#events "lane_finish", 2)
  end)

  it("a timer that lost its network, and not its power, finishes", function()
    telemetry(1)
    command "stage"
    go()
    clock.advance(3)
    bus.inject(device("L1", "status"), "offline")
    clock.advance(1)
    bus.inject(device("L1", "status"), "online")
    telemetry(1, { uptime = 3649 })
    flag(1, false)
    same(events("lane_finish")[1].time, 4)
  end)

  it("telemetry that is no JSON, or lacks a field, is told once and counts for nothing", function()
    for _ = 1, 3 do bus.inject(device("L1", "telemetry"), "{'hostname': None}") end
    for _ = 1, 3 do bus.inject(device("L2", "telemetry"), { hostname = "x", hwid = "L2" }) end
    same(#bus.messages "derbynet/alerts", 2)
    bus.expect("derbynet/alerts", function(payload) return payload:find "no JSON object" end)
    bus.expect("derbynet/alerts", function(payload)
      return payload:find "missing required fields: uptime, ip, mac"
    end)
  end)

  it("a timer is heard among a hundred devices that make no sense", function()
    for number = 1, 120 do bus.inject(device("x" .. number, "state"), "not JSON") end
    command "stage"
    go()
    clock.advance(3)
    flag(1, false)
    same(events("lane_finish")[1].lane, 1)
  end)

  it("a lane that nobody drives, and a DIP switch of no lane, finish nothing", function()
    command '{"command": "stage", "lanes": ["42", null, 13]}'
    same(last "derbynet/lane/2/led", "red")
    same(last "derbynet/lane/2/pinny", "0000")
    go()
    clock.advance(3)
    flag(2, false)
    bus.inject(device("L9", "state"), { toggle = false, dip = "1111" })
    same(#events "lane_finish", 0)
    flag(1, false)
    flag(3, false)
    same(#events "race_end", 1)
  end)
end)

describe("the operator", function()
  it("steers by hand, too", function()
    scene.start "soapbox"
    bus.expect("derbynet/race/state", "STAGING")
    scene.stop "soapbox"
    bus.expect(EVENT, { event = "race_abort", reason = "stopped by hand" })
    scene.jump("soapbox", "1/3")
    go()
    same(events("race_start")[1].heatid, 3)
    scene.jump("soapbox", "rerun")
    bus.expect(EVENT, { event = "race_abort", heatid = 3 })
    bus.expect("derbynet/race/state", "STAGING")
    same(scene.status("soapbox").next, "heat 1/3 waits for GO")
  end)

  it("takes a false start back", function()
    command "stage"
    go()
    clock.advance(1)
    command "false_start"
    bus.expect("derbynet/race/state", "STAGING")
    same(last "derbynet/lane/1/led", "blue")
    flag(1, false)
    same(#events "lane_finish", 0)
    clock.advance(3)
    go()
    clock.advance(28) -- 32 seconds after the start that was none.
    same(#events "race_end", 0)
    flag(1, false)
    same(events("lane_finish")[1].time, 28)
  end)

  it("has the last result of a heat that is run again", function()
    command "stage"
    go()
    for lane = 1, 3 do finish_at(lane, 1 + lane) end
    command "rerun"
    go()
    for lane = 1, 3 do finish_at(lane, 10 + lane) end
    local standings = json.decode(last "derbynet/race/standings").standings
    same(#standings, 3)
    same(standings[1].runs, 1)
  end)

  it("is told why a command is refused", function()
    for order, why in pairs {
      dance = "a command expected", ['{"command": "stage", "lane": 3}'] = "did you mean 'lanes'",
      ['{"command": "stage", "lanes": [42, 42]}'] = "on two lanes", abort = "no heat is staged",
      ['{"command": "stage", "lanes": [1, 2, 3, 4]}'] = "one too many", [""] = "expected",
      ['{"command": "update"}'] = "device: its id",
      ['{"command": "stage", "heatid": "one"}'] = "heatid: a whole number",
      ['{"command": "stage", "lanes": {"round": 1}}'] = "'round' is no lane",
      ['{"command": "stage", "lanes": 5}'] = "lanes: a list",
      ['{"command": "update", "device": "a/b"}'] = "device: its id",
      ['{"command": "stage", "heatid": 77}'] = "no heat 1/77",
      ['{"command": "stage", "roundid": -1, "lanes": [4]}'] = "whole number", rerun = "no heat has",
    } do
      bus.clear()
      command(order)
      bus.expect("derbynet/alerts", function(payload) return payload:find(why, 1, true) end)
    end
  end)

  it("is not obeyed long after, when the broker has kept the order", function()
    bus.inject("derbynet/race/command", "stage", { retain = true })
    bus.expect_none("derbynet/race/state", "STAGING", { within = 2 })
  end)

  it("updates a device, but not during a heat", function()
    command '{"command": "update", "device": "L1"}'
    bus.expect("derbynet/device/L1/update", "update")
    command "stage"
    command '{"command": "update", "device": "L2"}'
    bus.expect_none "derbynet/device/L2/update"
  end)

  it("sees which lane is ready", function()
    telemetry(1)
    command "stage"
    local function lane1() return json.decode(last "derbynet/race/lanes")[1] end
    flag(1, false)
    same(lane1().display, "flip")
    same(lane1().ready, false)
    flag(1, true)
    same(lane1().display, "0042")
    same(lane1().ready, true)
    clock.advance(5.9)
    same(lane1().online, true)
    clock.advance(1.2)
    same(lane1().online, false)
    same(lane1().ready, false)
    bus.expect("derbynet/alerts", { severity = "warning", message = "lane 1: timer L1 is offline" })
    telemetry(1, { battery_level = 12 })
    bus.expect("derbynet/alerts", { severity = "info", message = "lane 1: timer L1 is online" })
    scene.stop "soapbox"
    same(lane1().display, "BATT")
  end)

  it("is warned of a start with a lane that is not ready", function()
    command "stage"
    go()
    bus.expect(EVENT, { event = "race_start" })
    bus.expect("derbynet/alerts", function(payload) return payload:find "lane 1 has no timer" end)
  end)
end)

describe("displays", function()
  it("hear of the state and the time again and again", function()
    clock.advance(10)
    assert(#bus.messages "derbynet/race/state" >= 13)
    assert(#bus.messages "derbynet/race/time" >= 10)
    local time = json.decode(last "derbynet/race/time")
    for _, field in ipairs { "timestamp", "clockhr", "clockmin", "clocksecond", "uptime" } do
      assert(type(time[field]) == "number", field)
    end
    same(last "derbynet/status", "online")
  end)
end)

describe("the simulated track", function()
  it("lives with what it cannot read", function()
    script.load "simulate.lua"
    for _, odd in ipairs { "", "x", "null", "[]", "{}", '{"message": 5}', '{"event": {}}' } do
      bus.inject("derbynet/alerts", odd)
      bus.inject(EVENT, odd)
    end
    assert(#faults() == 0)
  end)
end)
