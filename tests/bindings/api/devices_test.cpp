#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(ScriptFixture, "devices.on_change tells of every change of presence") {
  load(
      "devices.on_change(function(device, before)\n"
      "  mqtt.publish('change', device.id .. ': ' .. before .. ' to ' .. device.presence)\n"
      "end)\n");
  incoming("devices/door/status", "online");
  incoming("devices/door/status", "online");
  incoming("devices/door/status", "updating");
  CHECK(taken() == Lines{"change=door: unknown to online", "change=door: online to updating"});
}

TEST_CASE_METHOD(ScriptFixture, "devices.list and devices.get tell what is known of devices") {
  load(
      "mqtt.subscribe('list', function()\n"
      "  local ids = {}\n"
      "  for i, device in ipairs(devices.list()) do ids[i] = device.id .. ' ' .. device.presence "
      "end\n"
      "  mqtt.publish('out', table.concat(ids, ', '))\n"
      "end)\n"
      "mqtt.subscribe('get', function(msg)\n"
      "  local device = devices.get(msg.payload)\n"
      "  if not device then return mqtt.publish('out', 'none') end\n"
      "  mqtt.publish('out', device.outages .. ' ' .. tostring(device.was_online) .. ' '\n"
      "    .. timer.wall() - device.first_seen .. ' '\n"
      "    .. (device.changed and timer.wall() - device.changed or 'never'))\n"
      "end)\n");
  incoming("devices/lamp/status", "online", true);  // Kept by the broker: from before.
  incoming("devices/door/status", "online");
  tick(4s);
  incoming("devices/door/status", "offline");
  tick(2s);
  incoming("list");
  CHECK(taken() == Lines{"out=door offline, lamp unknown"});
  incoming("get", "door");
  CHECK(taken() == Lines{"out=1 true 6 2"});
  incoming("get", "lamp");
  CHECK(taken() == Lines{"out=0 true 6 never"});
  incoming("get", "nobody");
  CHECK(taken() == Lines{"out=none"});
}
