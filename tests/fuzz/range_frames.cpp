// What sensors and timers of the range send: frames of the WTVB01, notifications of the AMG
// Commander, and the JSON of gateways around them. What is read is numbers, in sensible ranges.
#include "tests/fuzz/script_world.h"

namespace engine::fuzz {
namespace {

constexpr const char* kScript = R"lua(
local amg_commander = require "engine.range.amg_commander"
local telemetry = require "engine.range.telemetry"
local timer_message = require "engine.range.timer_message"
local wtvb01 = require "engine.range.wtvb01"

local function check_numbers(value)
  if type(value) == "number" then
    assert(value == value and math.abs(value) < math.huge, "a number is finite")
  elseif type(value) == "table" then
    for _, each in pairs(value) do check_numbers(each) end
  end
end

local function check(value, why)
  assert(value ~= nil or type(why) == "string" and #why > 0, "a refusal says why")
  check_numbers(value)
end

local function check_frames(bytes)
  local frames, skipped = wtvb01.frames(bytes)
  check_numbers(frames)
  assert(28 * #frames + skipped <= #bytes, "no byte counts twice")
  for _, frame in ipairs(frames) do
    assert(math.abs(frame.angle.x) <= 180 and math.abs(frame.velocity.z) <= 32768)
    assert(not frame.battery or frame.battery >= 0 and frame.battery <= 100)
  end
end

local function check_reading(reading, why)
  check(reading, why)
  if reading then
    assert(#reading.x == reading.count and #reading.y == reading.count)
    assert(reading.count > 0 and #reading.z == reading.count, "each sample has x, y and z")
  end
end

mqtt.subscribe("in", function(msg)
  local bytes = msg.payload
  check_frames(bytes)
  check_reading(telemetry.of_frames(bytes))
  check(amg_commander.decode(bytes))
  check_reading(telemetry.read(msg.json))
  check(timer_message.read(msg))
  local hex = bytes:gsub(".", function(c) return ("%02X"):format(c:byte()) end)
  assert(#bytes == 0 or telemetry.bytes(hex) == bytes, "hexadecimal digits are the bytes")
end)
)lua";

}  // namespace

void one_input(std::string_view input) {
  static ScriptWorld world{kScript};
  world.deliver({.topic = "in", .payload = std::string(input)});
}

}  // namespace engine::fuzz
