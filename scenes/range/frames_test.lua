-- Frames of the real devices, from their manuals and from captures.
local amg_commander = require "engine.range.amg_commander"
local telemetry = require "engine.range.telemetry"
local wtvb01 = require "engine.range.wtvb01"

local function bytes(hex) return telemetry.bytes((hex:gsub(" ", ""))) end

local MANUAL = "55 61 11 00 16 00 02 00 02 00 00 00 01 00 E6 0A 43 00 47 00 0A 00 25 00 25 00 25 00"

local function is_manual(frame)
  assert(frame.velocity.x == 17 and frame.velocity.y == 22 and frame.velocity.z == 2)
  assert(math.abs(frame.temperature - 27.90) < 1e-9)
  assert(frame.displacement.x == 67 and frame.displacement.y == 71 and frame.displacement.z == 10)
  assert(frame.frequency.x == 37 and frame.frequency.y == 37 and frame.frequency.z == 37)
  assert(math.abs(frame.angle.x - 2 / 32768 * 180) < 1e-9)
end

describe("the WTVB01", function()
  it("reads the manual's example as the manual does", function()
    local frames, skipped = wtvb01.frames(bytes(MANUAL))
    assert(#frames == 1 and skipped == 0)
    is_manual(frames[1])
    assert(frames[1].battery == nil)
  end)

  it("reads negative values", function()
    local frames = wtvb01.frames(bytes("55 61 FF FF 00 80" .. ("00"):rep(22)))
    assert(frames[1].velocity.x == -1 and frames[1].velocity.y == -32768)
  end)

  it("reads several frames of one notification, long ones with their supply voltage", function()
    local long = MANUAL .. "00 00 72 01" -- 3.70 V
    local frames, skipped = wtvb01.frames(bytes(long .. long .. MANUAL))
    assert(#frames == 3 and skipped == 0)
    for _, frame in ipairs(frames) do is_manual(frame) end
    assert(frames[2].volts == 3.7 and frames[2].battery == 58)
    assert(frames[3].battery == nil)
  end)

  it("passes over registers, and counts what belongs to no frame", function()
    local registers = "55 71" .. ("00"):rep(18)
    local frames, skipped = wtvb01.frames(bytes(registers .. MANUAL .. "55 61 00"))
    assert(#frames == 1 and skipped == 3)
    assert(#wtvb01.frames "" == 0)
    assert(not telemetry.of_frames(bytes "55 61 00"))
  end)
end)

describe("the AMG Commander", function()
  local function decode(hex) return amg_commander.decode(bytes(hex)) end

  it("reads start, shot and stop", function()
    local start = decode "010500010000000000000000000D"
    assert(start.kind == "START" and start.series == 13)
    local shot = decode "01030001000A001E003200460005"
    assert(shot.kind == "SHOT" and shot.shots == 1 and shot.series == 5)
    assert(shot.elapsed == 0.1 and shot.split == 0.3 and shot.first_shot == 0.5)
    local stop = decode "010800010032000000000000000A"
    assert(stop.kind == "STOP" and stop.elapsed == 0.5)
  end)

  it("reads the example of the scoreboard: unsigned, big-endian hundredths", function()
    local shot = decode "01 03 00 05 04 B0 01 2C 01 90 00 00 00 01"
    assert(shot.elapsed == 12 and shot.split == 3 and shot.first_shot == 4 and shot.shots == 5)
    assert(decode("01 03 01 01 FF FF" .. ("00"):rep(8)).elapsed == 655.35)
  end)

  it("reads lists of shots", function()
    local list = decode "0A 02 00 64 01 2C"
    assert(list.kind == "LIST" and not list.continued)
    assert(#list.times == 2 and list.times[1] == 1 and list.times[2] == 3)
    assert(decode("0B 01 00 64").continued)
  end)

  it("says why it cannot read something", function()
    for hex, why in pairs {
      ["0103"] = "an event of 14 bytes expected, got 2",
      ["01FF" .. ("00"):rep(12)] = "unknown kind ff",
      ["0A05"] = "a list of 5 shots in 2 bytes",
      ["7F"] = "a notification of the unknown kind 7f",
    } do
      local event, err = decode(hex)
      assert(not event and err:find(why, 1, true), err)
    end
    assert(not amg_commander.decode "")
  end)
end)
