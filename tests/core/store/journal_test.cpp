#include "core/store/journal.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/support/captured_logs.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

const std::vector<Cue> kSafety = {
    {.topic = "room1/steam", .payload = std::string("O\0FF\xff", 5), .qos = 1, .retain = true}};

// One engine after another on the same file.
struct Fixture {
  TempFolder folder;
  CapturedLogs logs;

  struct Run {
    VirtualClock clock;
    Timers timers{clock};
    std::unique_ptr<Store> store;
    Journal journal;
    Run(const std::filesystem::path& file, WallTime start, Logs& logs)
        : clock(start),
          store(std::move(*Store::open_inline(file, timers, logs))),
          journal(*store, timers) {}
    void tick(Duration by) { advance(clock, timers, by); }
  };
  std::unique_ptr<Run> run = begin(VirtualClock().wall());

  std::unique_ptr<Run> begin(WallTime start) {
    return std::make_unique<Run>(folder / "store.sqlite", start, logs);
  }
  void restart(Duration away) {
    const WallTime back = run->clock.wall() + std::chrono::duration_cast<WallTime::duration>(away);
    run.reset();
    run = begin(back);
  }
  // As a damaged file might have it.
  void damage(const std::string& space, const std::string& key, const nlohmann::json& value) {
    const auto bytes = nlohmann::json::to_msgpack(value);
    REQUIRE(KeyValue(*run->store, space).set(key, {bytes.begin(), bytes.end()}));
  }
  static SceneInfo scene(const std::string& name) {
    return {.name = name, .room = "r", .script = "s.lua"};
  }
  static PerformanceId id(uint32_t number) { return {number, 1}; }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "journal: who performed, in the order in which they began") {
  run->journal.begin(id(1), scene("z"), kSafety);
  run->journal.begin(id(2), scene("a"), {});
  run->journal.begin(id(3), scene("m"), {});
  run->journal.end("m");
  restart(1s);
  const auto left = run->journal.take_interrupted();
  REQUIRE(left.size() == 2);
  CHECK(left[0].scene == "z");
  CHECK(left[0].room == "r");
  CHECK(left[0].script == "s.lua");
  REQUIRE(left[0].safety.size() == 1);
  CHECK(left[0].safety[0].topic == kSafety[0].topic);
  CHECK(left[0].safety[0].payload == kSafety[0].payload);
  CHECK(left[0].safety[0].qos == 1);
  CHECK(left[0].safety[0].retain);
  CHECK(left[1].scene == "a");
  CHECK(left[1].data.empty());
  CHECK(run->journal.take_interrupted().empty());
}

TEST_CASE_METHOD(Fixture,
                 "journal: how long it lived after its last word, and how long it was away") {
  run->journal.begin(id(1), scene("a"), {});
  run->tick(10s);
  CHECK(run->journal.write(id(1), "data"));
  run->tick(5s);
  restart(60s);
  const auto left = run->journal.take_interrupted();
  REQUIRE(left.size() == 1);
  CHECK(left[0].data == "data");
  CHECK(to_seconds(left[0].lived) == Approx(5).margin(0.5));
  CHECK(to_seconds(left[0].away) == Approx(60).margin(0.5));
}

TEST_CASE_METHOD(Fixture, "journal: a clock that was put back does not make it come back earlier") {
  run->journal.begin(id(1), scene("a"), {});
  run->tick(10s);
  restart(-1h);
  CHECK(run->journal.take_interrupted().at(0).away == Duration::zero());
}

TEST_CASE_METHOD(Fixture, "journal: steps in their order; carried on, more are added") {
  run->journal.begin(id(1), scene("a"), {});
  run->journal.begin(id(2), scene("a2"), {});
  for (int i = 1; i <= 12; ++i) CHECK(run->journal.append(id(1), std::to_string(i)));
  CHECK(run->journal.append(id(2), "other"));
  restart(1s);
  auto left = run->journal.take_interrupted();
  REQUIRE(left[0].steps.size() == 12);
  CHECK(left[0].steps[9] == "10");
  CHECK(left[1].steps == std::vector<std::string>{"other"});
  run->journal.carry_on(id(9), scene("a"), {});
  CHECK(run->journal.append(id(9), "13"));
  restart(1s);
  left = run->journal.take_interrupted();
  CHECK(left[0].steps.size() == 13);
  CHECK(left[0].steps.back() == "13");
}

TEST_CASE_METHOD(Fixture, "journal: a performance that begins anew has nothing of the one before") {
  run->journal.begin(id(1), scene("a"), {});
  CHECK(run->journal.write(id(1), "data"));
  CHECK(run->journal.append(id(1), "step"));
  SECTION("because it began again") { run->journal.begin(id(2), scene("a"), {}); }
  SECTION("because it was cleared") { run->journal.clear(id(1)); }
  restart(1s);
  const auto left = run->journal.take_interrupted();
  REQUIRE(left.size() == 1);
  CHECK(left[0].data.empty());
  CHECK(left[0].steps.empty());
}

TEST_CASE_METHOD(Fixture, "journal: what is no performance of ours is not kept") {
  CHECK_FALSE(run->journal.write(id(7), "data"));
  CHECK_FALSE(run->journal.append(id(7), "step"));
  run->journal.begin(id(1), scene("a"), {});
  CHECK_FALSE(run->journal.write(id(1), std::string(5'000'000, 'x')));
}

TEST_CASE_METHOD(Fixture, "journal: signs of life end with the last performance") {
  run->journal.begin(id(1), scene("a"), {});
  run->tick(1s);
  CHECK(run->timers.size() > 0);
  run->journal.end("a");
  run->tick(1s);
  CHECK(run->timers.size() == 0);
}

TEST_CASE_METHOD(Fixture, "journal: a damaged file does not stop the start") {
  using nlohmann::json;
  const auto bytes = [](const std::string& text) {
    return json::binary({text.begin(), text.end()});
  };
  damage("journal", "empty", json::object());
  damage(
      "journal", "odd",
      {{"room", 1},
       {"order", "x"},
       {"safety", {5, {bytes("room1/steam"), bytes("OFF")}, {bytes("room1/fan"), 1, 1e300, 1}}}});
  damage("journal", "list", {1, 2});
  damage("journal.data", "empty", json::array());
  damage("journal.data", "odd", {std::nan(""), bytes("data")});
  SECTION("no sign of life") { damage("journal.alive", "alive", json::array()); }
  SECTION("one that is no time") { damage("journal.alive", "alive", {"x", -1e300}); }
  restart(1s);
  const auto left = run->journal.take_interrupted();
  REQUIRE(left.size() == 2);
  CHECK(left[0].scene == "empty");
  CHECK(left[1].data == "data");
  REQUIRE(left[1].safety.size() == 2);
  CHECK(left[1].safety[0].payload == "OFF");
  CHECK(left[1].safety[1].qos == 2);
}

TEST_CASE_METHOD(Fixture, "journal: in memory there is nothing to write") {
  const auto store = Store::in_memory(run->timers, logs);
  Journal journal(*store, run->timers);
  journal.begin(id(1), scene("a"), {});
  CHECK_FALSE(journal.write(id(1), "data"));
  CHECK(run->timers.size() == 0);
}
