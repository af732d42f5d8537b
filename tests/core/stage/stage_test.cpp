#include "core/stage/stage.h"

#include "tests/core/stage/stage_fixture.h"

using namespace engine;
using namespace std::chrono_literals;
using test::FakeScene;
using Fixture = test::StageFixture;

TEST_CASE_METHOD(Fixture, "a room has one scene at a time") {
  const SceneId ghost = add("ghost");
  const SceneId riddle = add("riddle");
  const PerformanceId performance = begin(ghost);
  const auto refused = stage.begin(riddle, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message ==
        "scene 'riddle' cannot start: scene 'ghost' runs in room 'room1'");
  CHECK(stage.begin(ghost, {}).error().message == "scene 'ghost' runs already");
  begin(add("pump", "room2"));
  stage.end(performance, EndReason::finished);
  begin(riddle);
}

TEST_CASE_METHOD(Fixture, "scenes without a room exclude nobody but themselves") {
  const SceneId heat = add("heat", "");
  begin(heat);
  begin(add("battery", ""));
  begin(add("ghost"));
  CHECK_FALSE(stage.begin(heat, {}));
  CHECK(logs.has("[INFO] scene - Scene 'heat' started"));
  CHECK_FALSE(logs.has("Scene 'heat' started ("));
}

TEST_CASE_METHOD(Fixture, "a scene's name belongs to one script") {
  add("ghost", "room1", "a.lua");
  const auto refused = stage.add({.name = "ghost", .room = "room2", .script = "b.lua"},
                                 std::make_shared<FakeScene>());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message ==
        "b.lua: scene 'ghost' is declared in a.lua already: names must differ");
  CHECK_FALSE(
      stage.add({.name = "", .room = "", .script = "b.lua"}, std::make_shared<FakeScene>()));
  CHECK(stage.list().size() == 1);
}

TEST_CASE_METHOD(Fixture, "scenes can be found and listed, in the order of their adding") {
  const SceneId ghost = add("ghost");
  const SceneId alarm = add("alarm", "");
  const PerformanceId performance = begin(ghost);
  stage.send(performance, 1, 0, {.topic = "room1/light", .payload = "ON"});
  tick(3s);
  const auto listed = stage.list();
  REQUIRE(listed.size() == 2);
  CHECK(listed[0].id == ghost);
  CHECK(listed[0].info.room == "room1");
  CHECK(listed[0].status.position == 1.5);
  REQUIRE(listed[0].running);
  CHECK(listed[0].running->sent == 1);
  CHECK(listed[0].running->timed_out == 1);
  CHECK(listed[0].running->length == 3s);
  CHECK(listed[1].id == alarm);
  CHECK_FALSE(listed[1].running);
  CHECK(stage.find("alarm") == alarm);
  CHECK_FALSE(stage.find("nobody"));
  CHECK(stage.performance_of(ghost) == performance);
  CHECK_FALSE(stage.performance_of(alarm));
}

TEST_CASE_METHOD(Fixture, "a scene that is gone is gone") {
  const SceneId ghost = add("ghost");
  stage.remove(ghost);
  stage.remove(ghost);
  CHECK(stage.list().empty());
  CHECK_FALSE(stage.find("ghost"));
  CHECK(stage.control(ghost) == nullptr);
  CHECK_FALSE(stage.begin(ghost, {}));
  CHECK(logs.lines().empty());
}

TEST_CASE_METHOD(Fixture, "a performance ends once") {
  const PerformanceId performance = begin(add("ghost"));
  CHECK(stage.any_running());
  stage.end(performance, EndReason::stopped);
  stage.end(performance, EndReason::failed);
  stage.abandon(performance);
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].reason == EndReason::stopped);
  CHECK(ended[0].scene == "ghost");
  CHECK_FALSE(stage.any_running());
  CHECK(scene_lines().back() ==
        "[INFO] scene - Scene 'ghost' stopped after 0.0s: 0 confirmed, 0 failed, 0 timed out");
}

TEST_CASE_METHOD(Fixture, "the next version of a scene carries its performance on") {
  const SceneId former = add("ghost");
  const PerformanceId performance = begin(former, {{.topic = "room1/steam", .payload = "OFF"}});
  stage.send(performance, 1, 0, {.topic = "room1/light", .payload = "ON"});

  const SceneId next = add("ghost");
  CHECK(stage.find("ghost") == former);  // It performs.
  CHECK_FALSE(stage.begin(next, {}));
  REQUIRE(stage.adopt(performance, next, {}));
  CHECK(stage.find("ghost") == next);
  stage.remove(former);

  CHECK(stage.list().size() == 1);
  CHECK(stage.performance_of(next) == performance);
  CHECK(ended.empty());
  answer("room1/status", "OK");
  CHECK(control(next).log == "1 confirmed;");

  SECTION("with the safety cues it had") { stage.abandon(performance); }
  SECTION("or with new ones") {
    CHECK(stage.adopt(performance, next, {{.topic = "room1/fog", .payload = "OFF"}}));
    stage.abandon(performance);
    CHECK(link.published.back() == "room1/fog=OFF");
    return;
  }
  CHECK(link.published.back() == "room1/steam=OFF");
}

TEST_CASE_METHOD(Fixture, "an older version that plays to its end is the one to steer") {
  const SceneId former = add("ghost");
  const PerformanceId performance = begin(former);
  const SceneId next = add("ghost");
  CHECK(stage.find("ghost") == former);
  CHECK(stage.list().size() == 1);
  CHECK(stage.list()[0].running);
  stage.end(performance, EndReason::finished);
  CHECK(stage.find("ghost") == next);
  stage.remove(former);
  begin(next);
}

TEST_CASE_METHOD(Fixture, "what cannot be adopted") {
  const SceneId ghost = add("ghost");
  const PerformanceId performance = begin(ghost);
  SECTION("by a scene that is gone") { CHECK_FALSE(stage.adopt(performance, SceneId{}, {})); }
  SECTION("by one that performs itself") {
    const SceneId other = add("other", "room2");
    begin(other);
    CHECK_FALSE(stage.adopt(performance, other, {}));
  }
  SECTION("by one that has moved to a room that is taken") {
    begin(add("other", "room2"));
    CHECK_FALSE(stage.adopt(performance, add("ghost", "room2"), {}));
  }
  SECTION("a performance that has ended") {
    stage.end(performance, EndReason::finished);
    CHECK_FALSE(stage.adopt(performance, add("ghost"), {}));
    return;
  }
  CHECK(stage.performance_of(ghost) == performance);
}

TEST_CASE_METHOD(Fixture, "a scene that moves to another room on reload frees the first") {
  const PerformanceId performance = begin(add("ghost"));
  REQUIRE(stage.adopt(performance, add("ghost", "room2"), {}));
  begin(add("riddle", "room1"));
  CHECK_FALSE(stage.begin(add("pump", "room2"), {}));
}

TEST_CASE_METHOD(Fixture, "removing a scene that performs sends its safety cues, once") {
  const auto scene = std::make_shared<FakeScene>();
  const SceneId ghost = add("ghost", "room1", "room1.lua", scene);
  const PerformanceId performance =
      begin(ghost, {{.topic = "room1/steam", .payload = "OFF", .qos = 1},
                    {.topic = "room1/audio", .payload = "STOP"}});
  stage.send(performance, 1, 0, {.topic = "room1/steam", .payload = "ON"});
  tick(500ms);
  stage.remove(ghost);

  CHECK(link.published == Lines{"room1/steam=ON", "room1/steam=OFF"});
  CHECK(outgoing.back().qos == 1);
  CHECK(outgoing.back().correlation_data.empty());
  CHECK(media.commands == Lines{"room1/audio=STOP"});
  CHECK(scene->log.empty());  // Its code may be gone.
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].reason == EndReason::failed);
  CHECK(ended[0].sent == 3);
  CHECK(ended[0].unanswered == 1);
  CHECK(scene_lines() ==
        Lines{
            "[INFO] scene - Scene 'ghost' started (room1)",
            "[INFO] scene - [0.0s] room1/steam = ON",
            "[INFO] scene - [0.5s] room1/steam = OFF",
            "[INFO] scene - [0.5s] room1/audio = STOP",
            "[WARNING] scene - Scene 'ghost' failed after 0.5s: 0 confirmed, 0 failed, 0 timed "
            "out, 1 unanswered",
        });
  CHECK(timers.size() == 0);
}

TEST_CASE_METHOD(Fixture, "safety cues can be replaced while the scene runs") {
  const PerformanceId performance = begin(add("ghost"), {{.topic = "room1/a", .payload = "OFF"}});
  stage.protect(performance, {{.topic = "room1/b", .payload = "OFF"}});
  stage.abandon(performance);
  stage.protect(performance, {{.topic = "room1/c", .payload = "OFF"}});
  stage.abandon(performance);
  CHECK(link.published == Lines{"room1/b=OFF"});
}

TEST_CASE_METHOD(Fixture, "stop-all asks every scene that performs") {
  const SceneId ghost = add("ghost");
  const SceneId pump = add("pump", "room2");
  const SceneId idle = add("idle", "room3");
  const PerformanceId performance = begin(ghost);
  begin(pump);
  control(ghost).on_stop = [&]() -> Result<void> {
    stage.end(performance, EndReason::stopped);
    return {};
  };
  stage.stop_all(false);
  CHECK(control(ghost).log == "stop;");
  CHECK(control(pump).log == "stop;");
  CHECK(control(idle).log.empty());
  CHECK(ended.size() == 1);
  CHECK(stage.performance_of(pump));  // Waits for the confirmations of its on_stop cues.
}

TEST_CASE_METHOD(Fixture, "stop-all now leaves nothing running") {
  const SceneId ghost = add("ghost");
  const SceneId pump = add("pump", "room2");
  const PerformanceId performance = begin(ghost, {{.topic = "room1/steam", .payload = "OFF"}});
  begin(pump, {{.topic = "room2/valve", .payload = "OFF"}});
  control(ghost).on_stop = [&]() -> Result<void> {
    stage.end(performance, EndReason::stopped);
    return {};
  };
  stage.stop_all(true);
  CHECK(control(ghost).log == "stop now;");
  CHECK(control(pump).log == "stop now;");
  CHECK_FALSE(stage.any_running());
  CHECK(link.published == Lines{"room2/valve=OFF"});  // Only the one whose code did not do it.
}

TEST_CASE_METHOD(Fixture, "a scene that cannot stop by itself is stopped") {
  const SceneId ghost = add("ghost");
  begin(ghost, {{.topic = "room1/steam", .payload = "OFF"}});
  control(ghost).on_stop = [] { return Result<void>(fail("out of memory")); };
  stage.stop_all(false);
  CHECK_FALSE(stage.any_running());
  CHECK(link.published == Lines{"room1/steam=OFF"});
  CHECK(logs.has("[WARNING] scene - Scene 'ghost' cannot stop: out of memory"));
}

TEST_CASE_METHOD(Fixture, "listeners may end, start and remove scenes") {
  const SceneId ghost = add("ghost");
  const SceneId riddle = add("riddle");
  const auto after_ghost = stage.on_end.connect([&](const PerformanceReport& report) {
    if (report.scene != "ghost") return;
    stage.remove(ghost);
    begin(riddle);
  });
  stage.end(begin(ghost), EndReason::finished);
  CHECK(stage.performance_of(riddle));
  CHECK(stage.list().size() == 1);
  stage.on_end.disconnect(after_ghost);

  stage.on_begin.connect([&](const SceneInfo& info) {
    stage.end(*stage.performance_of(*stage.find(info.name)), EndReason::stopped);
  });
  const PerformanceId short_lived = begin(add("pump", "room2"));
  CHECK(stage.send(short_lived, 1, 0, {.topic = "room2/a", .payload = "1"}).how ==
        Stage::Sent::How::failed);
}

TEST_CASE_METHOD(Fixture, "a scene may be removed while it is told that it has ended") {
  const SceneId ghost = add("ghost", "room1", "room1.lua");
  const PerformanceId performance = begin(ghost);
  stage.send(performance, 1, 0, {.topic = "room1/light", .payload = "ON"});
  stage.send(performance, 2, 0, {.topic = "room1/motor", .payload = "ON"});
  control(ghost).on_settled = [&] { stage.remove(ghost); };
  stage.end(performance, EndReason::finished);
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].unanswered == 2);
  CHECK(ended[0].reason == EndReason::finished);
  CHECK(stage.list().empty());
}

TEST_CASE_METHOD(Fixture, "a scene may end others while it is asked to stop or for its status") {
  const SceneId ghost = add("ghost");
  const SceneId pump = add("pump", "room2");
  const PerformanceId first = begin(ghost);
  const PerformanceId second = begin(pump);
  SECTION("to stop") {
    control(ghost).on_stop = [&]() -> Result<void> {
      stage.end(second, EndReason::stopped);
      stage.end(first, EndReason::stopped);
      return {};
    };
    stage.stop_all(true);
    CHECK(ended.size() == 2);
  }
  SECTION("for its status") {
    control(ghost).on_status = [&] { stage.remove(pump); };
    CHECK(stage.list().size() == 1);
  }
}

TEST_CASE_METHOD(Fixture, "a scene may remove itself when it is asked for its status") {
  const SceneId ghost = add("ghost");
  FakeScene& scene = control(ghost);
  scene.on_status = [&, id = ghost] { stage.remove(id); };
  CHECK(stage.list()[0].status.position == 1.5);
  CHECK(stage.list().empty());
}

TEST_CASE("a stage that goes leaves no timer and no tracking behind") {
  VirtualClock clock;
  Timers timers{clock};
  test::CapturedLogs logs;
  Bus bus{timers};
  test::FakeMedia media;
  FeedbackTracker feedback{timers, FeedbackRules{}, logs};
  {
    Stage stage{timers, bus, feedback, media, logs};
    const auto scene = std::make_shared<FakeScene>();
    const auto id = stage.add({.name = "ghost", .room = "room1", .script = "a.lua"}, scene);
    const auto performance = stage.begin(*id, {});
    CHECK(stage.send(*performance, 1, 0, {.topic = "room1/light", .payload = "ON"}).pending);
  }
  CHECK(feedback.pending().empty());
  advance(clock, timers, 2s);
}

TEST_CASE_METHOD(Fixture, "a thousand reloads of a running scene leave nothing behind") {
  logs.logs().set_default_level(spdlog::level::off);
  SceneId current = add("ghost");
  const PerformanceId performance = begin(current);
  for (int i = 0; i < 1000; ++i) {
    const SceneId next = add("ghost");
    REQUIRE(stage.adopt(performance, next, {}));
    stage.remove(current);
    current = next;
    stage.send(performance, 1, 0, {.topic = "room1/light", .payload = "ON"});
    answer("room1/status", "OK");
  }
  CHECK(stage.list().size() == 1);
  CHECK(timers.size() == 0);
  CHECK(bus.subscriptions() == 3);
}
