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

namespace {

std::string one_shot(const std::string& word, int seconds) {
  return "timer.after(" + std::to_string(seconds) + ", function() mqtt.publish('out', '" + word +
         "') end, {name = 'once'})";
}

}  // namespace

TEST_CASE_METHOD(ScriptFixture, "a named timer.after keeps its remaining time over a reload") {
  load(one_shot("old", 10));
  tick(6s);
  save(one_shot("new", 10));
  tick(3999ms);
  CHECK(published.empty());
  tick(1ms);
  CHECK(taken() == Lines{"out=new"});
  CHECK(timers.size() == 0);
}

TEST_CASE_METHOD(ScriptFixture, "a named timer.after counts from its start when its time changes") {
  load(one_shot("old", 10));
  tick(6s);
  SECTION("later") {
    save(one_shot("new", 20));
    tick(13s);
    CHECK(published.empty());
    tick(1s);
  }
  SECTION("already past: at once") {
    save(one_shot("new", 5));
    tick(0s);
  }
  CHECK(taken() == Lines{"out=new"});
}

TEST_CASE_METHOD(ScriptFixture, "a named timer.after that has fired does not fire again") {
  load(one_shot("old", 1));
  tick(1s);
  taken();
  for (int i = 0; i < 3; ++i) {
    save(one_shot("new", 1));
    tick(5s);
  }
  CHECK(published.empty());
}

TEST_CASE_METHOD(ScriptFixture, "a named timer.after can be set anew once it has fired") {
  load(
      "local function blink()\n"
      "  mqtt.publish('out', 'x')\n"
      "  timer.after(1, blink, {name = 'blink'})\n"
      "end\n"
      "timer.after(1, blink, {name = 'blink'})");
  tick(3s);
  CHECK(taken() == Lines{"out=x", "out=x", "out=x"});
  CHECK(host.find((folder / "test.lua").string())->registrations().size() == 1);
}

TEST_CASE_METHOD(ScriptFixture, "a named timer.every keeps its beat, an unnamed one begins anew") {
  const std::string text =
      "timer.every(10, function() mqtt.publish('named', state.n) end, {name = 'beat'})\n"
      "timer.every(10, function() mqtt.publish('unnamed', state.n) end)\n"
      "state.n = (state.n or 0) + 1\n";
  load(text);
  tick(13s);
  CHECK(taken() == Lines{"named=1", "unnamed=1"});
  save(text);
  tick(7s);
  CHECK(taken() == Lines{"named=2"});
  tick(3s);
  CHECK(taken() == Lines{"unnamed=2"});
}

TEST_CASE_METHOD(ScriptFixture, "a named timer.every with another period counts from its start") {
  load("timer.every(10, function() end, {name = 'beat'})");
  tick(13s);
  save("timer.every(4, function() mqtt.publish('out', timer.now()) end, {name = 'beat'})");
  tick(3s);
  CHECK(taken() == Lines{"out=16"});
}

TEST_CASE_METHOD(ScriptFixture, "a timer keeps only what is of its kind") {
  load("timer.every(10, function() end, {name = 'x'})");
  tick(9s);
  save("timer.after(10, function() mqtt.publish('out', 'x') end, {name = 'x'})");
  tick(9s);
  CHECK(published.empty());
  tick(1s);
  CHECK(taken() == Lines{"out=x"});
}

TEST_CASE_METHOD(ScriptFixture, "a named timer that the new version lacks is dropped, and named") {
  load("mqtt.subscribe('a', function() timer.after(5, function() end, {name = 'off'}) end)");
  incoming("a");
  save("local nothing");
  CHECK(logs.has("timer 'off' is dropped"));
  CHECK(timers.size() == 0);
}

TEST_CASE_METHOD(ScriptFixture, "timer.wall: is the calendar's time, with its fraction") {
  load("timer.after(1.25, function() mqtt.publish('wall', ('%.2f'):format(timer.wall())) end)");
  tick(2s);
  CHECK(taken() == Lines{"wall=1700000001.25"});
}
