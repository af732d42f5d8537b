#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(ScriptFixture, "system.health: the readings, in virtual time always the same") {
  load(
      "timer.every(10, function()\n"
      "  local h = system.health()\n"
      "  mqtt.publish('h', ('%s %d %d %d'):format(h.hostname, h.uptime, h.timestamp, h.load[1] * "
      "10))\n"
      "end)");
  tick(20s);
  CHECK(taken() == Lines{"h=rehearsal 10 1700000010 1", "h=rehearsal 20 1700000020 1"});
}

TEST_CASE_METHOD(ScriptFixture, "system.health: what has gone wrong so far") {
  load(
      "mqtt.subscribe('x', function() error('oh no') end)\n"
      "mqtt.subscribe('ask', function()\n"
      "  local h = system.health()\n"
      "  mqtt.publish('h', ('%d %d %d %s'):format(h.errors.faults, h.engine.scripts, "
      "h.mqtt.sent, h.mqtt.connected))\n"
      "end)");
  incoming("x");
  incoming("x");
  incoming("ask");
  CHECK(taken() == Lines{"h=2 1 0 false"});
}

TEST_CASE_METHOD(ScriptFixture, "system.health: a missing reading is nil") {
  rehearsal.readings.reading.cpu_temp.reset();
  load("mqtt.publish('h', tostring(system.health().cpu_temp))");
  CHECK(taken() == Lines{"h=nil"});
}

TEST_CASE_METHOD(ScriptFixture, "fault log: tells of each line, and of what was held back") {
  std::vector<std::string> told;
  const Handle heard = host.faults().on_told.connect([&](const Fault& fault, uint64_t more) {
    told.push_back(fault.callback + " " + std::to_string(more));
  });
  load("mqtt.subscribe('x', function() error('oh no') end)");
  for (int i = 0; i < 5; ++i) incoming("x");
  CHECK(told == Lines{"mqtt.subscribe x 0"});
  tick(10s);
  CHECK(told == Lines{"mqtt.subscribe x 0", "mqtt.subscribe x 3"});
  host.faults().on_told.disconnect(heard);
}
