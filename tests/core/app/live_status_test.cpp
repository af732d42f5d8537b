#include "core/app/live_status.h"

#include "tests/support/catch.h"

using namespace engine;

namespace {

using State = SceneStatus::State;

Stage::Listed ghost(State state = State::running) {
  Stage::Listed listed;
  listed.info.name = "ghost";
  listed.info.room = "room1";
  listed.status = {state, 5.2, 10.0, "room1/motor = START", 10.0};
  listed.running.emplace();
  listed.running->confirmed = 2;
  return listed;
}

Stage::Listed named(const std::string& name, State state) {
  Stage::Listed listed = ghost(state);
  listed.info.name = name;
  return listed;
}

}  // namespace

TEST_CASE("the live line tells position, next cue and confirmations") {
  CHECK(live_status({ghost()}, {true, 1}) ==
        "▶ ghost  00:05.2 / 00:10.0  next room1/motor = START in 4.8s   ✅ 2  ⏰ 0  … 1");
}

TEST_CASE("there is no live line while nothing runs") {
  CHECK(live_status({}, {}).empty());
  CHECK(live_status({named("a", State::idle)}, {}).empty());
}

TEST_CASE("the live line of a story has no end, and no time for what it waits for") {
  Stage::Listed story = ghost();
  story.status.duration.reset();
  story.status.next = "room1/lever = PULLED";
  story.status.next_at.reset();
  CHECK(live_status({story}, {}) == "▶ ghost  00:05.2  next room1/lever = PULLED   ✅ 2  ⏰ 0  … 0");
  story.status.next.clear();
  CHECK(live_status({story}, {}) == "▶ ghost  00:05.2   ✅ 2  ⏰ 0  … 0");
}

TEST_CASE("the live line says paused, stopping, failed, simulated and unconnected") {
  CHECK(live_status({ghost(State::paused)}, {}) ==
        "⏸ ghost  00:05.2 / 00:10.0  paused   ✅ 2  ⏰ 0  … 0");
  CHECK(live_status({ghost(State::stopping)}, {}) ==
        "■ ghost  00:05.2 / 00:10.0  stopping   ✅ 2  ⏰ 0  … 0");
  Stage::Listed scene = ghost(State::paused);
  scene.running->failed = 1;
  scene.running->timed_out = 3;
  scene.running->simulated = 4;
  CHECK(live_status({scene}, {false, 0}) ==
        "⏸ ghost  00:05.2 / 00:10.0  paused   ✅ 2  ❌ 1  ⏰ 3  … 0  simulated 4  (no "
        "broker)");
}

TEST_CASE("of several scenes the first that runs is told, the others are counted") {
  const std::string line = live_status({named("idle", State::idle), named("a", State::running),
                                        named("b", State::paused), named("c", State::running)},
                                       {});
  CHECK(line.starts_with("▶ a  "));
  CHECK(line.ends_with("  (+2 more)"));
}

TEST_CASE("positions are cut like a clock, and hours appear when there are some") {
  const auto at = [](double position) {
    Stage::Listed scene = ghost();
    scene.status = {State::running, position, std::nullopt, "", std::nullopt};
    const std::string line = live_status({scene}, {});
    return line.substr(std::string("▶ ghost  ").size(), line.find("   ✅") - 11);
  };
  CHECK(at(0) == "00:00.0");
  CHECK(at(-1) == "00:00.0");
  CHECK(at(5.3) == "00:05.3");
  CHECK(at(59.99) == "00:59.9");
  CHECK(at(60) == "01:00.0");
  CHECK(at(3723.45) == "1:02:03.4");
}
