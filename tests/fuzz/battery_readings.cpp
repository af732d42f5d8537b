// Readings of battery monitors (the document's JSON, and OpenMQTTGateway's): what is taken is in
// range, and can be published.
#include "tests/fuzz/script_world.h"

namespace engine::fuzz {
namespace {

constexpr const char* kScript = R"lua(
local identifiers = require "engine.battery.identifiers"
local reading = require "engine.battery.reading"
local sources = require "engine.battery.sources"
local time = require "engine.battery.time"

local function check_number(value, low, high)
  assert(value == nil or value >= low and value <= high, "a number is in its range")
end

local function check(body)
  local ok, r = pcall(reading.from_message, "reading", body)
  if not ok then
    assert(not r:find "attempt to" and #r > 0, r)
    return
  end
  check_number(r.voltage, 0, 1000)
  check_number(r.current, -10000, 10000)
  check_number(r.state_of_charge, 0, 100)
  check_number(r.time, 0, timer.wall() + 60)
  json.encode(r)
  local stamp = time.iso(r.time)
  assert(math.abs(time.read(stamp) - r.time) < 0.002, "a time stays: " .. stamp)
end

mqtt.subscribe("in", function(msg)
  local body = msg.json
  identifiers.bare_mac(body)
  time.read(body)
  if type(body) ~= "table" then return end
  check(body)
  local id, values = sources.open_mqtt_gateway(msg)
  assert(id ~= nil or values == nil or #values > 0)
  if id then check(values) end
end)
)lua";

}  // namespace

void one_input(std::string_view input) {
  static ScriptWorld world{kScript};
  world.deliver({.topic = "in", .payload = std::string(input)});
}

}  // namespace engine::fuzz
