#include "core/store/time_series.h"

#include <sqlite3.h>

#include <atomic>
#include <cmath>
#include <thread>

#include "tests/core/store/history_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

struct Fixture : HistoryFixture {
  static std::vector<double> values(TimeSeries& all, TimeSeries::Id id, TimeSpan span = {}) {
    std::vector<double> found;
    const auto points = all.range(id, span);
    INFO((points ? std::string{} : points.error().message));
    REQUIRE(points);
    for (const TimeSeries::Point& point : *points) found.push_back(point.value);
    return found;
  }
  std::vector<double> after_a_power_cut_of(const std::string& name) {
    const auto store = after_a_power_cut();
    TimeSeries all(*store, timers);
    return values(all, all.open(name).value());
  }
};

using Values = std::vector<double>;

}  // namespace

TEST_CASE_METHOD(Fixture, "time_series: found at once, on disk within a second") {
  const auto store = open();
  TimeSeries all(*store, timers);
  const auto id = all.open("a").value();
  for (const double time : {3.0, 1.0, 2.0}) REQUIRE(all.append(id, {time, 10 * time}));
  CHECK(values(all, id) == Values{10, 20, 30});
  CHECK(after_a_power_cut_of("a").empty());
  tick(1s);
  CHECK(values(all, id) == Values{10, 20, 30});
  CHECK(after_a_power_cut_of("a") == Values{10, 20, 30});
  REQUIRE(all.append(id, {2.5, 25}));
  CHECK(values(all, id, {2, 2.5}) == Values{20, 25});
  CHECK(all.last(id).value()->value == 30);
}

TEST_CASE_METHOD(Fixture, "time_series: a second value at the same time replaces the first") {
  const auto store = open();
  TimeSeries all(*store, timers);
  const auto id = all.open("a").value();
  REQUIRE(all.append(id, {1, 10}));
  SECTION("before it is written") {}
  SECTION("after it has been written") { tick(1s); }
  REQUIRE(all.append(id, {1, 11}));
  CHECK(values(all, id) == Values{11});
  CHECK(all.last(id).value()->value == 11);
  const auto pieces = all.range(id, {}, 60).value();
  REQUIRE(pieces.size() == 1);
  CHECK(pieces[0].count == 1);
  CHECK(pieces[0].mean == 11);
  tick(1s);
  CHECK(after_a_power_cut_of("a") == Values{11});
}

TEST_CASE_METHOD(Fixture, "time_series: a summary has what is written and what is not") {
  const auto store = open();
  TimeSeries all(*store, timers);
  const auto id = all.open("a").value();
  for (int i = 0; i < 100; ++i) {
    REQUIRE(all.append(id, {6000.0 + i, static_cast<double>(i)}));
    if (i == 70) tick(1s);
  }
  const auto pieces = all.range(id, {6030, 1e9}, 60).value();
  REQUIRE(pieces.size() == 2);
  CHECK(pieces[0].time == 6000);
  CHECK(pieces[0].min == 30);
  CHECK(pieces[0].max == 59);
  CHECK(pieces[0].mean == Approx(44.5));
  CHECK(pieces[0].count == 30);
  CHECK(pieces[1].time == 6060);
  CHECK(pieces[1].count == 40);
}

TEST_CASE_METHOD(Fixture, "time_series: the next run has all of it, and how long it is kept") {
  {
    const auto store = open();
    TimeSeries all(*store, timers);
    const auto a = all.open("a").value();
    all.keep(a, 3600);
    REQUIRE(all.append(a, {kNow, 1}));
    const auto b = all.open("b").value();
    REQUIRE(all.append(b, {kNow, 2}));
    all.keep(b, 60);
    all.open("never").value();
  }
  const auto store = open();
  TimeSeries all(*store, timers);
  CHECK(all.names() == std::vector<std::string>{"a", "b"});
  const auto a = all.open("a").value();
  const auto b = all.open("b").value();
  const auto c = all.open("c").value();
  REQUIRE(all.append(c, {kNow, 3}));
  tick(2min);
  CHECK(values(all, a) == Values{1});
  CHECK(values(all, b).empty());
  CHECK(values(all, c) == Values{3});
  CHECK_FALSE(all.last(b).value());
}

TEST_CASE_METHOD(Fixture, "time_series: what is not kept is deleted, a little at a time") {
  const auto store = open();
  TimeSeries all(*store, timers);
  const auto id = all.open("a").value();
  const auto other = all.open("b").value();
  for (int i = 0; i < 12'000; ++i) REQUIRE(all.append(id, {kNow - 20'000 + i, 1}));
  REQUIRE(all.append(other, {1, 1}));
  REQUIRE(all.append(id, {kNow, 1}));
  tick(1s);
  all.keep(id, 3600);
  CHECK(values(all, id) == Values{1});
  tick(11s);
  CHECK(count(*store, "points") == 7'002);
  tick(1min);
  CHECK(count(*store, "points") == 2);
  CHECK(values(all, other) == Values{1});
}

TEST_CASE_METHOD(Fixture, "time_series: what is no number and what is no time is refused") {
  const auto store = open();
  TimeSeries all(*store, timers);
  const auto id = all.open("a").value();
  for (const double wrong : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    CHECK_FALSE(all.append(id, {1, wrong}));
    CHECK_FALSE(all.append(id, {wrong, 1}));
  }
  CHECK_FALSE(all.append(id, {-1, 1}));
  CHECK(all.append(id, {0, -1e300}));
  tick(1s);
  CHECK(after_a_power_cut_of("a") == Values{-1e300});
  CHECK(all.names() == std::vector<std::string>{"a"});
}

TEST_CASE_METHOD(Fixture, "time_series: a summary of too much is refused") {
  const auto store = open();
  TimeSeries all(*store, timers);
  const auto id = all.open("a").value();
  REQUIRE(all.append(id, {1, 1}));
  store->write(
      {"WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 600000) "
       "INSERT INTO points SELECT 1, i, i FROM n",
       {}});
  tick(1s);
  const auto refused = all.range(id, {}, 3600);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "more than 500000 values to summarise: ask for less time");
  CHECK(all.range(id, {0, 400'000}, 3600).value().size() == 112);
}

TEST_CASE_METHOD(Fixture, "time_series: while no disk takes it, it is found all the same") {
  const auto store = open();
  TimeSeries all(*store, timers);
  const auto id = all.open("a").value();
  REQUIRE(all.append(id, {1, 1}));
  tick(1s);
  store->write(
      {"CREATE TRIGGER full BEFORE INSERT ON points BEGIN SELECT RAISE(ABORT, 'disk full'); "
       "END",
       {}});
  tick(1s);
  REQUIRE(all.append(id, {2, 2}));
  tick(10s);
  REQUIRE(all.append(id, {3, 3}));
  CHECK(values(all, id) == Values{1, 2, 3});
  CHECK(after_a_power_cut_of("a") == Values{1});
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &other) == SQLITE_OK);
  CHECK(sqlite3_exec(other, "DROP TRIGGER full", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(other);
  tick(10s);
  CHECK(values(all, id) == Values{1, 2, 3});
  CHECK(after_a_power_cut_of("a") == Values{1, 2, 3});
}

TEST_CASE_METHOD(Fixture, "time_series: with a thread that writes, all is found at any time") {
  std::atomic<bool> woken = false;
  Inbox inbox([&] { woken = true; });
  const auto drain = [&] {
    if (woken.exchange(false)) inbox.drain([](const Inbox::Task& task) { task(); });
  };
  auto store = Store::open(file, timers, inbox, logs);
  REQUIRE(store);
  uint64_t settled = 0;
  (*store)->on_settled.connect([&](uint64_t batch, bool) { settled = batch; });
  {
    TimeSeries all(**store, timers);
    const auto id = all.open("a").value();
    for (int i = 1; i <= 2'000; ++i) {
      REQUIRE(all.append(id, {static_cast<double>(i), 1}));
      if (i % 100 == 0) (*store)->flush();
      drain();
      if (i % 50 == 0) REQUIRE(values(all, id).size() == static_cast<size_t>(i));
    }
    while ((*store)->pending() > 0 || settled + 1 < (*store)->batch()) {
      (*store)->flush();
      drain();
      std::this_thread::yield();
    }
    CHECK(all.range(id, {}, 1e6).value().at(0).count == 2'000);
  }
  store->reset();
  CHECK(after_a_power_cut_of("a").size() == 2'000);
}
