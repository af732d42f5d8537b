#include "bindings/host/script_reports.h"

#include <nlohmann/json.hpp>

#include "tests/bindings/support/script_fixture.h"
#include "tests/support/fake_link.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

const std::string kTopic = "engine/test/scripts/test=";

struct Fixture : ScriptFixture {
  FakeLink link;
  ScriptReports board{services, host, "engine/test"};

  Fixture() { bus.attach(&link); }
  ~Fixture() { bus.attach(nullptr); }

  nlohmann::json last() {
    REQUIRE_FALSE(link.published.empty());
    const std::string& message = link.published.back();
    INFO(message);
    REQUIRE(message.starts_with(kTopic));
    return nlohmann::json::parse(message.substr(kTopic.size()));
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "script reports: loading") {
  load("");
  const auto report = last();
  CHECK(report["script"] == "test");
  CHECK(report["path"] == (folder / "test.lua").string());
  CHECK(report["event"] == "loaded");
  CHECK(report["running"] == true);
  CHECK(report["error"].is_null());
  CHECK(report["time"] == "2023-11-14T22:13:20Z");
}

TEST_CASE_METHOD(Fixture, "script reports: failing, first and after a save") {
  load_error("nonsense(");
  CHECK(last()["event"] == "failed");
  CHECK(last()["running"] == false);
  CHECK(last()["error"].get<std::string>().find("test.lua:1:") != std::string::npos);
  save("");
  CHECK(last()["running"] == true);
  save("nonsense(");
  tick(1s);
  CHECK(last()["event"] == "failed");
  CHECK(last()["running"] == true);
}

TEST_CASE_METHOD(Fixture, "script reports: what a save took over, what it dropped, and why") {
  load(
      "local scene = require 'engine.scene'\n"
      "for _, name in ipairs { 'a', 'b' } do\n"
      "  scene(name) { room = name, trigger = { 'x/go' }, cues = { { 9, 'x/a', 1 } } }\n"
      "end\n"
      "mqtt.subscribe('x/old', print) mqtt.subscribe('x/both', print) state.f = print");
  incoming("x/go");
  save(
      "local scene = require 'engine.scene'\n"
      "scene 'a' { room = 'a', trigger = { 'x/go' }, cues = { { 9, 'x/a', 1 } } }\n"
      "mqtt.subscribe('x/both', print)");
  const auto report = last();
  CHECK(report["event"] == "reloaded");
  const std::vector<std::string> taken_over = report["taken_over"];
  CHECK(taken_over[0] == "state");
  CHECK(std::count(taken_over.begin(), taken_over.end(), "scene a") == 1);
  CHECK(std::count(taken_over.begin(), taken_over.end(), "mqtt.subscribe x/both") == 1);
  std::vector<std::string> dropped;
  for (const auto& one : report["dropped"]) {
    dropped.push_back(one["what"]);
    CHECK(one["why"].get<std::string>().size() > 5);
  }
  CHECK(std::count(dropped.begin(), dropped.end(), "scene b") == 1);
  CHECK(std::count(dropped.begin(), dropped.end(), "mqtt.subscribe x/old") == 1);
  CHECK(std::count_if(dropped.begin(), dropped.end(),
                      [](const auto& what) { return what.starts_with("state.f"); }) == 1);
}

TEST_CASE_METHOD(Fixture, "script reports: deletion") {
  load("");
  std::filesystem::remove((folder / "test.lua").string());
  host.file_changed((folder / "test.lua").string());
  tick(1s);  // It might have come back.
  CHECK(last()["event"] == "deleted");
  CHECK(last()["running"] == false);
}

TEST_CASE_METHOD(Fixture, "script reports: without a connection they wait for one") {
  link.up = false;
  load("");
  CHECK(link.published.empty());
  link.up = true;
  bus.connection_changed(true);
  CHECK(last()["event"] == "loaded");
}

TEST_CASE_METHOD(Fixture, "script reports: those of scripts that are gone are taken away") {
  REQUIRE(services.kept.reports.set("engine/test/scripts/former", "1"));
  load("");
  link.published.clear();
  bus.connection_changed(true);
  REQUIRE(link.published.size() == 2);
  CHECK(link.published[0] == "engine/test/scripts/former=");
  bus.connection_changed(true);
  CHECK(link.published.size() == 3);
}

TEST_CASE_METHOD(Fixture, "script reports: two files of the same name have two topics") {
  load("");
  REQUIRE(host.add(write("cellar/test.lua", "")));
  CHECK(link.published.back().starts_with("engine/test/scripts/cellar.test="));
}
