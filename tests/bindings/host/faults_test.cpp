#include "bindings/host/fault_log.h"
#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

const char* kScene =
    "state.n = (state.n or 0) + 1\n"
    "mqtt.subscribe('bad', function() error('no') end)\n"
    "mqtt.subscribe('n?', function() mqtt.publish('n', state.n) end)\n"
    "local scene = require 'engine.scene'\n"
    "scene 'fog' { trigger = {'go', 'GO'},\n"
    "  cues = { {0, 'room1/fog', 'ON'}, {60, 'room1/fog', 'MORE'} },\n"
    "  on_stop = { {'room1/fog', 'OFF'} } }\n";

struct FaultsFixture : ScriptFixture {
  void fail(int times, Duration apart = 1s) {
    for (int i = 0; i < times; ++i) {
      incoming("bad");
      tick(apart);
    }
  }
  ScriptHost::Listed listed() { return host.list().at(0); }
};

}  // namespace

TEST_CASE_METHOD(FaultsFixture, "a script that fails too often is set aside, its scenes stopped") {
  load(kScene);
  incoming("go", "GO");
  taken();
  fail(9);
  CHECK(listed().state == ScriptHost::State::running);
  CHECK(published.empty());
  fail(1);
  CHECK(taken() == Lines{"room1/fog=OFF"});
  CHECK(listed().state == ScriptHost::State::set_aside);
  CHECK(listed().faults == 10);
  CHECK(listed().last_error == "set aside after 10 faults within 60 s");
  CHECK(logs.count("set aside after 10 faults") == 1);
  fail(1);
  CHECK(faults.size() == 10);
  CHECK_FALSE(stage.find("fog"));
}

TEST_CASE_METHOD(FaultsFixture, "an edit brings back what was set aside, with its state") {
  load(kScene);
  fail(10);
  incoming("n?");
  CHECK(published.empty());
  save(kScene);
  incoming("n?");
  CHECK(taken() == Lines{"n=2"});
  fail(9);  // It has begun anew.
  CHECK(listed().state == ScriptHost::State::running);
}

TEST_CASE_METHOD(FaultsFixture, "resume brings back what was set aside, and only that") {
  load(kScene);
  CHECK(host.resume("test").error().message == "script 'test' is not set aside");
  CHECK(host.resume("tset").error().message == "there is no script 'tset', did you mean 'test'?");
  fail(10);
  REQUIRE(host.resume("test"));
  incoming("n?");
  CHECK(taken() == Lines{"n=2"});
}

TEST_CASE_METHOD(FaultsFixture, "a broken edit leaves a script set aside, and resume says why") {
  load(kScene);
  fail(10);
  save("x x");
  tick(1s);
  CHECK(listed().state == ScriptHost::State::set_aside);
  CHECK(host.resume("test").error().message.find("test.lua:1:") != std::string::npos);
}

TEST_CASE_METHOD(FaultsFixture, "faults far enough apart set nothing aside") {
  load(kScene);
  fail(30, 7s);
  CHECK(listed().state == ScriptHost::State::running);
}

TEST_CASE_METHOD(FaultsFixture, "faults of one script do not count against another") {
  load(kScene);
  REQUIRE(host.add(write("other.lua", "mqtt.subscribe('worse', function() error('x') end)")));
  fail(9);
  for (int i = 0; i < 9; ++i) incoming("worse");
  tick(0s);
  for (const auto& script : host.list()) CHECK(script.state == ScriptHost::State::running);
}

TEST_CASE_METHOD(FaultsFixture, "a scene's own fault counts, and a script may set itself aside") {
  load(
      "local scene = require 'engine.scene'\n"
      "local function bad() error('no') end\n"
      "scene 'show' { trigger = {'go', 'GO'}, on_stop = { {'end', 'x'} },\n"
      "  cues = { {0, bad}, {0, bad}, {0, bad}, {0, bad}, {0, bad}, {0, bad}, {0, bad}, {0, bad},\n"
      "    {0, bad}, {0, bad}, {5, 'late', 'x'} } }\n");
  incoming("go", "GO");
  tick(10s);
  CHECK(taken() == Lines{"end=x"});
  CHECK(listed().state == ScriptHost::State::set_aside);
}

TEST_CASE_METHOD(FaultsFixture, "the limit can be changed, and switched off") {
  load(kScene);
  host.faults().set_limit({.faults = 0});
  fail(100, 0s);
  CHECK(listed().state == ScriptHost::State::running);
  host.faults().set_limit({.faults = 3, .window = 1s});
  fail(3, 0s);
  CHECK(listed().state == ScriptHost::State::set_aside);
}

TEST_CASE_METHOD(FaultsFixture, "a storm of faults is a few lines, with their number") {
  load("mqtt.subscribe('bad/+', function(msg) error('no ' .. msg.topic) end)");
  host.faults().set_limit({.faults = 0});
  for (int i = 0; i < 2000; ++i) incoming("bad/" + std::to_string(i));
  CHECK(logs.count("[ERROR] script") == 1);
  tick(10s);
  CHECK(logs.count("... 1999 more of the same, the last: ") == 1);
  CHECK(logs.has("no bad/1999"));
  incoming("bad/again");
  CHECK(logs.count("[ERROR] script") == 2);
  tick(20s);
  CHECK(logs.count("... 1 more of the same") == 1);
  incoming("bad/later");
  CHECK(logs.count("in mqtt.subscribe bad/+, topic bad/later") == 1);
  REQUIRE(host.faults().records().size() == 1);
  CHECK(host.faults().records().back().count == 2002);
  CHECK(host.faults().total((folder / "test.lua").string()) == 2002);
}

TEST_CASE_METHOD(FaultsFixture, "of many different faults the last hundred are kept") {
  load("mqtt.subscribe('bad/+', function(msg) error(msg.topic .. ': no', 0) end)");
  host.faults().set_limit({.faults = 0});
  for (int i = 0; i < 300; ++i) incoming("bad/" + std::to_string(i));
  CHECK(host.faults().records().size() == FaultLog::kMostRecords);
  CHECK(host.faults().records().back().last.message == "bad/299: no");
  CHECK(host.faults().records().front().last.message == "bad/200: no");
}

namespace {

// Time passes whenever a script publishes: as if it had computed for so long.
struct SlowFixture : ScriptFixture {
  Duration cost = 30ms;
  SlowFixture() {
    bus.on_outgoing = [this](const Message&) { clock.set(clock.now() + cost); };
  }
  std::string place(int line) {
    return (folder / "test.lua").string() + ":" + std::to_string(line);
  }
};

}  // namespace

TEST_CASE_METHOD(SlowFixture, "a slow callback is logged with its line, once a minute") {
  load(
      "mqtt.subscribe('a', function() end)\n"
      "mqtt.subscribe('b',\n"
      "  function() mqtt.publish('x', '') end)\n");
  incoming("a");
  CHECK_FALSE(logs.has("slow"));
  for (int i = 0; i < 3; ++i) incoming("b");
  CHECK(logs.count("slow") == 1);
  CHECK(logs.has(place(3) + ": slow: took 30 ms (in mqtt.subscribe b)"));
  tick(1min);
  incoming("b");
  CHECK(logs.count("slow") == 2);
  CHECK(logs.has("2 times more since the last such line"));
}

TEST_CASE_METHOD(SlowFixture, "only what is over the limit is slow") {
  load("mqtt.subscribe('a', function() mqtt.publish('x', '') end)");
  host.set_slow_callback(30ms);
  incoming("a");
  CHECK_FALSE(logs.has("slow"));
  cost = 31ms;
  incoming("a");
  CHECK(logs.count("slow") == 1);
}

TEST_CASE_METHOD(SlowFixture, "slow parts of scenes are named by the author's lines") {
  load(
      "local scene = require 'engine.scene'\n"
      "scene 'sheet' { trigger = {'go', 'sheet'}, cues = {\n"
      "  { 0, function() mqtt.publish('x', '') end } } }\n"
      "scene 'story' { trigger = {'go', 'story'}, story = function(s)\n"
      "  s:wait(1)\n"
      "  mqtt.publish('x', '')\n"
      "end }\n");
  SECTION("a function in a cue sheet") {
    incoming("go", "sheet");
    tick(0s);
    CHECK(logs.has(place(3) + ": slow"));
  }
  SECTION("a story, by the wait it comes from") {
    incoming("go", "story");
    tick(2s);
    CHECK(logs.has(place(5) + ": slow"));
  }
}

TEST_CASE_METHOD(SlowFixture, "a callback is not blamed for what another does meanwhile") {
  load("mqtt.subscribe('a', function() stage.go('heavy') end)");
  REQUIRE(host.add(write("other.lua",
                         "local scene = require 'engine.scene'\n"
                         "scene 'heavy' { cues = { {0, 'x', 'ON'} } }\n")));
  incoming("a");
  CHECK(logs.count("slow") == 1);
  CHECK(logs.has("other.lua"));
  CHECK_FALSE(logs.has("mqtt.subscribe a"));
}
