#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(ScriptFixture, "timer.after: fires once, and its handle knows") {
  load(
      "local handle\n"
      "handle = timer.after(1.5, function()\n"
      "  mqtt.publish('out', tostring(handle:active()))\n"
      "end)\n"
      "assert(handle:active())\n");
  tick(1499ms);
  CHECK(published.empty());
  tick(1ms);
  CHECK(taken() == Lines{"out=false"});
  tick(10s);
  CHECK(published.empty());
  CHECK(timers.size() == 0);
}

TEST_CASE_METHOD(ScriptFixture, "timer.every: repeats until it is cancelled, also from inside") {
  load(
      "local n, handle = 0\n"
      "handle = timer.every(0.1, function()\n"
      "  n = n + 1\n"
      "  mqtt.publish('n', n)\n"
      "  if n == 3 then handle:cancel() end\n"
      "end)\n");
  tick(1s);
  CHECK(taken() == Lines{"n=1", "n=2", "n=3"});
}

TEST_CASE_METHOD(ScriptFixture, "timer.at: fires each day at that time") {
  load("timer.at('18:00', function() mqtt.publish('day', os.date('%H:%M') and 'x') end)");
  tick(24h);
  CHECK(taken() == Lines{"day=x"});
  tick(24h);
  CHECK(taken() == Lines{"day=x"});
}

TEST_CASE_METHOD(ScriptFixture, "timer.now: follows the clock") {
  load("local t = timer.now(); timer.after(2, function() mqtt.publish('d', timer.now() - t) end)");
  tick(2s);
  CHECK(taken() == Lines{"d=2"});
}
