#include "core/store/runs.h"

#include "tests/core/store/history_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

std::vector<int64_t> ids(const Result<std::vector<Runs::Run>>& runs) {
  REQUIRE(runs);
  std::vector<int64_t> found;
  for (const Runs::Run& run : *runs) found.push_back(run.id);
  return found;
}

using Ids = std::vector<int64_t>;

}  // namespace

TEST_CASE_METHOD(HistoryFixture, "runs: found at once, the newest first, on disk within a second") {
  const auto store = open();
  Runs runs(*store);
  const auto race = runs.open("race").value();
  CHECK(runs.add(race, 10, "{\"n\":1}").value() == 1);
  tick(1s);
  CHECK(runs.add(race, 30, "{\"n\":2}").value() == 2);
  CHECK(runs.add(race, 20, "{\"n\":3}").value() == 3);
  CHECK(runs.add(race, 30, "{\"n\":4}").value() == 4);
  CHECK(ids(runs.list(race, {}, 10)) == Ids{4, 2, 3, 1});
  CHECK(ids(runs.list(race, {}, 3)) == Ids{4, 2, 3});
  CHECK(ids(runs.list(race, {10, 20}, 10)) == Ids{3, 1});
  CHECK(runs.get(race, 3).value()->data == "{\"n\":3}");
  CHECK_FALSE(runs.get(race, 5).value());
  tick(1s);
  CHECK(ids(runs.list(race, {}, 10)) == Ids{4, 2, 3, 1});
  const auto later = after_a_power_cut();
  CHECK(count(*later, "runs") == 4);
}

TEST_CASE_METHOD(HistoryFixture, "runs: each kind counts its own, on after a restart") {
  {
    const auto store = open();
    Runs runs(*store);
    CHECK(runs.add(runs.open("race").value(), 1, "{}").value() == 1);
    CHECK(runs.add(runs.open("fire").value(), 1, "{}").value() == 1);
    CHECK(runs.add(runs.open("race").value(), 1, "{}").value() == 2);
  }
  const auto store = open();
  Runs runs(*store);
  CHECK(runs.add(runs.open("race").value(), 1, "{}").value() == 3);
  CHECK(runs.add(runs.open("fire").value(), 1, "{}").value() == 2);
  CHECK(ids(runs.list(runs.open("race").value(), {}, 10)) == Ids{3, 2, 1});
}

TEST_CASE_METHOD(HistoryFixture, "runs: too large is refused, and takes no number") {
  const auto store = open();
  Runs runs(*store);
  const auto race = runs.open("race").value();
  CHECK_FALSE(runs.add(race, 1, std::string(Runs::kLargest + 1, ' ')));
  for (int i = 0; i < 40; ++i) REQUIRE(runs.add(race, 1, std::string(Runs::kLargest, ' ')));
  CHECK_FALSE(runs.list(race, {}, 1000));
  CHECK(ids(runs.list(race, {}, 2)) == Ids{40, 39});
}
