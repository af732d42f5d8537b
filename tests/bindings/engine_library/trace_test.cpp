#include "core/stage/trace.h"

#include <fmt/format.h>

#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

struct Fixture : ScriptFixture {
  Tracer tracer{stage, clock};

  PerformanceTrace last(const std::string& scene) {
    const auto traces = tracer.of(scene);
    REQUIRE_FALSE(traces.empty());
    return *traces.back();
  }
  void go(const std::string& scene) { REQUIRE(stage.control(*stage.find(scene))->go()); }
  // Time passes, and no timer is looked at: the engine thread was busy.
  void stall(Duration by) {
    clock.set(clock.now() + by);
    timers.run_due();
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "trace: a cue that fired late says by how much") {
  load(R"(
    local scene = require "engine.scene"
    scene "ghost" { cues = {
      { 1, "room1/light", "ON", confirm = false },
      { 2, function() end },
      { 5, "room1/light", "OFF", confirm = false } } }
  )");
  go("ghost");
  stall(1250ms);
  stall(1s);
  tick(3s);
  const auto steps = last("ghost").steps;
  REQUIRE(steps.size() == 3);
  CHECK(steps[0].position == 1);
  CHECK(steps[0].late == Approx(0.25));
  CHECK(steps[1].kind == TraceStep::Kind::call);
  CHECK(steps[1].position == 2);
  CHECK(steps[1].late == Approx(0.25));
  CHECK(steps[2].late == Approx(0).margin(1e-6));
}

TEST_CASE_METHOD(Fixture, "trace: a pause makes no cue late") {
  load(R"(
    local scene = require "engine.scene"
    scene "ghost" { cues = { { 0, "a", "1" }, { 2, "a", "2", confirm = false } } }
  )");
  go("ghost");
  tick(1s);
  REQUIRE(stage.control(*stage.find("ghost"))->pause());
  tick(10s);
  REQUIRE(stage.control(*stage.find("ghost"))->resume());
  tick(2s);
  const TraceStep step = last("ghost").steps.back();
  CHECK(step.position == 2);
  CHECK(step.late == Approx(0).margin(1e-6));
  CHECK(step.elapsed == Approx(12));
}

TEST_CASE_METHOD(Fixture, "trace: a story's waits, with how long they took and how they ended") {
  load(R"(
    local scene = require "engine.scene"
    scene("riddle", function(s)
      s:wait(2)
      s:wait_for("room1/lever", "PULLED", 30)
      s:wait_for("room1/lever", "PULLED", 5)
      s:confirm("room1/door", "UNLOCK", { confirm = 1 })
      s:wait_for("never")
    end)
  )");
  go("riddle");
  tick(5s);
  incoming("room1/lever", "PULLED");
  tick(7s);
  REQUIRE(stage.control(*stage.find("riddle"))->stop(true));
  std::vector<std::string> waits;
  for (const TraceStep& step : last("riddle").steps) {
    if (step.kind != TraceStep::Kind::wait) continue;
    waits.push_back(
        fmt::format("{:.0f}: {} {:.0f} {}", step.position, step.text, step.seconds, step.outcome));
  }
  CHECK(waits == Lines{"0: the end of a wait 2 over", "2: room1/lever = PULLED 3 over",
                       "5: room1/lever = PULLED 5 timeout", "10: room1/door to confirm 1 timeout",
                       "11: never 1 called off"});
}

TEST_CASE_METHOD(Fixture, "trace: what a scene says of itself is checked") {
  load(R"(
    local added
    added = stage.add { name = "own", control = { go = function()
      local p = added:begin()
      for _, call in ipairs {
        function() p:called(1) end, function() p:called(1, -1) end,
        function() p:waited(1, 2, 3, "over") end, function() p:waited(1, "x", -3, "over") end,
        function() p:waited(1, "x", 3) end, function() p:send(1, 0, "a", "b", { late = "x" }) end,
      } do
        local _, err = pcall(call)
        log.info(err)
      end
      return true
    end } }
  )");
  go("own");
  CHECK(logs.count("number of seconds expected") == 1);
  CHECK(logs.count("seconds from 0") == 3);
  CHECK(logs.count("string expected") == 2);
  CHECK(logs.count("option 'late'") == 1);
  CHECK(last("own").steps.empty());
}
