#include <sstream>

#include "core/app/export_rows.h"
#include "tests/core/store/history_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

// Two series and two runs, written and closed.
struct Fixture : HistoryFixture {
  Fixture() {
    const auto store = open();
    TimeSeries all(*store, timers);
    for (const char* name : {"b, \"quoted\"", "a"}) {
      const auto id = all.open(name).value();
      for (int i = 0; i < 4; ++i) REQUIRE(all.append(id, {kNow + 15 * i, 0.5 * i}));
    }
    Runs runs(*store);
    const auto race = runs.open("race").value();
    REQUIRE(runs.add(race, kNow, R"({"winner":"x","lanes":[1,2]})"));
    REQUIRE(runs.add(race, kNow + 1, R"({"time":1700000001,"dnf":true,"winner":"y\nz"})"));
  }

  template <typename Write>
  std::string exported(ExportRows::Options options, Write write) {
    auto history = HistoryFile::open(file);
    INFO((history ? std::string{} : history.error().message));
    REQUIRE(history);
    std::ostringstream out;
    ExportRows rows(*history, out, options, [](int64_t) { return true; });
    REQUIRE(write(rows));
    return out.str();
  }
  std::string series(ExportRows::Options options, const std::vector<std::string>& names) {
    return exported(options, [&](ExportRows& rows) { return rows.series(names); });
  }
  std::string runs(ExportRows::Options options) {
    return exported(options, [](ExportRows& rows) { return rows.runs({"race"}); });
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "export: series as CSV, in the order of time") {
  CHECK(series({.span = {kNow + 15, kNow + 30}}, {"a", "b, \"quoted\""}) ==
        "series,time,value\r\n"
        "a,1700000015,0.5\r\na,1700000030,1\r\n"
        "\"b, \"\"quoted\"\"\",1700000015,0.5\r\n\"b, \"\"quoted\"\"\",1700000030,1\r\n");
}

TEST_CASE_METHOD(Fixture, "export: a summary of series as JSON") {
  CHECK(series({.span = {}, .every = 60, .json = true}, {"a"}) ==
        "[\n"
        R"({"series":"a","time":1699999980,"min":0,"mean":0.5,"max":1,"count":3},)"
        "\n"
        R"({"series":"a","time":1700000040,"min":1.5,"mean":1.5,"max":1.5,"count":1})"
        "\n]\n");
}

TEST_CASE_METHOD(Fixture, "export: runs have a column for every name") {
  CHECK(runs({.span = {}, .dates = true}) ==
        "kind,id,time,winner,lanes,dnf\r\n"
        "race,1,2023-11-14T22:13:20.000Z,x,\"[1,2]\",\r\n"
        "race,2,2023-11-14T22:13:21.000Z,\"y\nz\",,true\r\n");
  const auto parsed = nlohmann::json::parse(runs({.span = {}, .json = true}));
  CHECK(parsed[0] == nlohmann::json::parse(
                         R"({"kind":"race","id":1,"time":1700000000,"winner":"x","lanes":[1,2]})"));
  CHECK(parsed[1]["dnf"] == true);
}

TEST_CASE_METHOD(Fixture, "export: nothing is a title, or an empty list") {
  CHECK(series({.span = {1, 2}}, {"a"}) == "series,time,value\r\n");
  CHECK(series({.span = {1, 2}, .json = true}, {"a"}) == "[]\n");
}

TEST_CASE_METHOD(Fixture, "export: what is there is listed") {
  auto history = HistoryFile::open(file);
  REQUIRE(history);
  const auto listed = history->series().value();
  REQUIRE(listed.size() == 2);
  CHECK(listed[0].name == "a");
  CHECK(listed[0].count == 4);
  CHECK(listed[0].first == kNow);
  CHECK(listed[0].last == kNow + 45);
  CHECK(history->runs().value().at(0).count == 2);
}

TEST_CASE_METHOD(Fixture, "export: reads while the file is written, and changes nothing") {
  const auto store = open();
  TimeSeries all(*store, timers);
  auto history = HistoryFile::open(file);
  REQUIRE(history);
  REQUIRE(history->series().value().size() == 2);
  REQUIRE(all.append(all.open("c").value(), {1, 1}));
  tick(1s);
  CHECK(history->series().value().size() == 2);
  CHECK(HistoryFile::open(file)->series().value().size() == 3);
}

TEST_CASE_METHOD(Fixture, "export: a file that is none says what is wrong with it") {
  const auto damaged = folder.write("damaged.sqlite", std::string(5000, 'x'));
  const auto refused = HistoryFile::open(damaged);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("damaged.sqlite: file is not a database") !=
        std::string::npos);
  CHECK_FALSE(HistoryFile::open(folder / "missing.sqlite"));
  CHECK_FALSE(std::filesystem::exists(folder / "missing.sqlite"));
}
