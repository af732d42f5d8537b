#include "core/health/scene_states.h"

#include "core/store/site_store.h"
#include "tests/core/health/health_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

// A scene whose state the test sets.
class Played final : public SceneControl {
 public:
  SceneStatus status_now;
  Result<void> go() override { return {}; }
  Result<void> stop(bool) override { return {}; }
  Result<void> pause() override { return {}; }
  Result<void> resume() override { return {}; }
  Result<void> jump(const std::string&) override { return {}; }
  Result<void> seek(double) override { return {}; }
  SceneStatus status() override { return status_now; }
  void settled(uint64_t, CueResult, const FeedbackEvent&) override {}
};

struct Fixture : HealthFixture {
  using State = SceneStatus::State;
  SiteStore kept{Store::in_memory(timers, logs), timers};
  std::shared_ptr<Played> played = std::make_shared<Played>();
  SceneId ghost = *stage.add({.name = "ghost", .room = "room1", .script = "g.lua"}, played);
  std::optional<SceneStates> states;
  const std::string topic = "e/scenes/ghost";

  Fixture() { states.emplace(stage, bus, timers, kept.scenes, "e"); }
  ~Fixture() {
    states.reset();
    if (stage.find("ghost")) stage.remove(ghost);
  }
  void plays(double position, const std::string& next = "room1/light = ON", double next_at = 5) {
    played->status_now = {State::running, position, 10.0, next, next_at};
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "scene states: every scene, with each connection, retained") {
  connection(true);
  const auto said = taken(topic);
  REQUIRE(said.size() == 1);
  CHECK(said[0].qos == 1);
  CHECK(said[0].retain);
  const auto state = nlohmann::json::parse(said[0].payload);
  CHECK(state["name"] == "ghost");
  CHECK(state["room"] == "room1");
  CHECK(state["state"] == "idle");
  CHECK(state["last"].is_null());
  CHECK(state["time"] == "2023-11-14T22:13:20.000Z");
  connection(false);
  connection(true);
  CHECK(taken(topic).size() == 1);
}

TEST_CASE_METHOD(Fixture, "scene states: told when they change, and not because time passes") {
  connection(true);
  taken(topic);
  const PerformanceId performance = begin(ghost);
  plays(0);
  tick(100ms);
  CHECK(last(topic)["state"] == "running");
  for (int second = 1; second <= 4; ++second) {
    plays(second + 0.1);
    tick(1s);
  }
  CHECK(taken(topic).empty());
  plays(4.2, "room1/motor = START", 8);
  tick(1s);
  const auto state = last(topic);
  CHECK(state["next"] == "room1/motor = START");
  CHECK(state["next_at"] == 8.0);
  CHECK(state["position"] == 4.2);
  stage.end(performance, EndReason::finished);
  played->status_now = {};
  tick(100ms);
  const auto idle = last(topic);
  CHECK(idle["state"] == "idle");
  CHECK(idle["last"]["result"] == "finished");
  CHECK(idle["last"]["confirmed"] == 0);
  CHECK(idle["last"]["time"].is_string());
}

TEST_CASE_METHOD(Fixture, "scene states: a jump is a change, also to the same next cue") {
  connection(true);
  begin(ghost);
  plays(0);
  tick(100ms);
  plays(3);
  taken(topic);
  tick(1s);
  CHECK(last(topic)["position"] == 3.0);
}

TEST_CASE_METHOD(Fixture, "scene states: a burst of cues is told ten times a second at most") {
  connection(true);
  const PerformanceId performance = begin(ghost);
  taken(topic);
  for (int i = 0; i < 100; ++i) {
    plays(i / 100.0, "cue " + std::to_string(i));
    stage.send(performance, 0, 0, {.topic = "a", .payload = "x"});
    tick(10ms);
  }
  const size_t told = taken(topic).size();
  CHECK(told >= 5);
  CHECK(told <= 10);
}

TEST_CASE_METHOD(Fixture, "scene states: what is left of a scene that is gone is taken away") {
  connection(true);
  taken(topic);
  stage.remove(ghost);
  tick(1s);
  const auto said = taken(topic);
  REQUIRE(said.size() == 1);
  CHECK(said[0].payload.empty());
  CHECK(said[0].retain);
  CHECK(kept.scenes.keys().empty());
}

TEST_CASE_METHOD(Fixture,
                 "scene states: also when it went while the broker was away, or in another run") {
  (void)kept.scenes.set("e/scenes/of the run before", "1");
  connection(true);
  CHECK(taken("e/scenes/of the run before").at(0).payload.empty());
  taken(topic);
  connection(false);
  stage.remove(ghost);
  tick(1s);
  CHECK(taken(topic).empty());
  connection(true);
  CHECK(taken(topic).at(0).payload.empty());
}

TEST_CASE_METHOD(Fixture, "scene states: names that are no level of a topic") {
  const auto one =
      *stage.add({.name = "a/b", .room = "", .script = "g.lua"}, std::make_shared<Played>());
  const auto two =
      *stage.add({.name = "a+b", .room = "", .script = "g.lua"}, std::make_shared<Played>());
  connection(true);
  CHECK(last("e/scenes/a_b")["name"] == "a/b");
  CHECK(last("e/scenes/a_b.2")["name"] == "a+b");
  stage.remove(one);
  stage.remove(two);
}
