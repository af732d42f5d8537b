#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

const std::string kTask = "local task = require 'engine.task'\n";

}  // namespace

TEST_CASE_METHOD(ScriptFixture, "task: runs at once until it waits, and then beside its handler") {
  load(kTask +
       "mqtt.subscribe('go', function(msg)\n"
       "  task.start(function(who)\n"
       "    mqtt.publish('x', 'before ' .. who)\n"
       "    task.wait(2)\n"
       "    mqtt.publish('x', 'after ' .. who)\n"
       "  end, msg.payload)\n"
       "  mqtt.publish('x', 'handled')\n"
       "end)");
  incoming("go", "a");
  CHECK(taken() == Lines{"x=before a", "x=handled"});
  tick(1s);
  incoming("go", "b");
  taken();
  tick(1s);
  CHECK(taken() == Lines{"x=after a"});
  tick(1s);
  CHECK(taken() == Lines{"x=after b"});
  CHECK(timers.size() == 0);
}

TEST_CASE_METHOD(ScriptFixture, "task: one of the main chunk starts when that has been loaded") {
  load(kTask +
       "task.start(function(...) mqtt.publish('x', select('#', ...)) end, nil, nil)\n"
       "mqtt.publish('x', 'chunk')");
  CHECK(taken() == Lines{"x=chunk"});
  tick(0s);
  CHECK(taken() == Lines{"x=2"});
}

TEST_CASE_METHOD(ScriptFixture, "task: an error is a fault with its line, and ends only the task") {
  load(kTask +
       "task.start(function() task.wait(1)\nerror('broken') end)\n"
       "task.start(function() task.wait(2) mqtt.publish('x', 'other') end)");
  tick(2s);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].message.find("test.lua:3: broken") != std::string::npos);
  CHECK(taken() == Lines{"x=other"});
}

TEST_CASE_METHOD(ScriptFixture, "task: what finishes at once does not wait, and once only") {
  load(kTask +
       "task.start(function()\n"
       "  local calls = 0\n"
       "  local a, b = task.await('x', function(finish) finish(1, nil) finish(2)\n"
       "    return function() calls = calls + 1 end end)\n"
       "  mqtt.publish('x', ('%s %s %d'):format(a, b, calls))\n"
       "end)");
  tick(0s);
  CHECK(taken() == Lines{"x=1 nil 1"});
}

TEST_CASE_METHOD(ScriptFixture, "task: its functions can be used in stories, and pause with them") {
  load(kTask +
       "local scene = require 'engine.scene'\n"
       "scene('riddle', function(s) task.wait(2) s:send('x', 'after', { confirm = false }) end)");
  SceneControl& control = *stage.control(*stage.find("riddle"));
  REQUIRE(control.go());
  tick(1s);
  REQUIRE(control.pause());
  tick(10s);
  CHECK(taken().empty());
  REQUIRE(control.resume());
  CHECK(taken() == Lines{"x=after"});
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].reason == EndReason::finished);
}
