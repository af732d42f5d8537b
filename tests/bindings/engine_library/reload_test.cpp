#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

struct Fixture : ScriptFixture {
  Fixture() {
    load(
        text("{ 0, 'x/a', 1, confirm = false }, { 2, 'x/b', 1, confirm = false },\n"
             "{ 8, 'x/c', 1, confirm = false }"));
    REQUIRE(control().go());
    tick(5s);
    REQUIRE(taken() == Lines{"x/a=1", "x/b=1"});
  }
  static std::string text(const std::string& cues, const std::string& more = "") {
    return "local scene = require 'engine.scene'\n"
           "scene 'ghost' { room = 'room1', cues = {" +
           cues +
           "},\n"
           "on_stop = { { 'x/stop', 1, confirm = false } }," +
           more + " }\n";
  }
  SceneControl& control() { return *stage.control(*stage.find("ghost")); }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "reload: coming cues change, past ones do not fire again") {
  save(
      text("{ 0, 'x/a', 'new', confirm = false }, { 3, 'x/past', 'new', confirm = false },\n"
           "{ 6, 'x/d', 'new', confirm = false }, { 9, 'x/c', 'new', confirm = false }"));
  CHECK(published.empty());
  CHECK(control().status().position == Approx(5));
  tick(1s);
  CHECK(taken() == Lines{"x/d=new"});
  tick(3s);
  CHECK(taken() == Lines{"x/c=new", "x/stop=1"});
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].reason == EndReason::finished);
  CHECK(reports[0].sent == 5);  // What the old code sent is counted as well.
}

TEST_CASE_METHOD(Fixture, "reload: a paused scene stays paused where it is") {
  REQUIRE(control().pause());
  save(text("{ 6, 'x/d', 'new', confirm = false }"));
  tick(1h);
  CHECK(published.empty());
  REQUIRE(control().resume());
  tick(1s);
  CHECK(taken() == Lines{"x/d=new", "x/stop=1"});
}

TEST_CASE_METHOD(Fixture, "reload: a broken file leaves the scene running") {
  save("nonsense(");
  tick(3s);
  CHECK(taken() == Lines{"x/c=1", "x/stop=1"});
  CHECK(logs.has("test.lua:1:"));
}

TEST_CASE_METHOD(Fixture, "reload: a scene that is gone from the file is stopped") {
  save("local nothing = 1");
  CHECK(taken() == Lines{"x/stop=1"});
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].reason == EndReason::stopped);
  tick(10s);
  CHECK(published.empty());
}

TEST_CASE_METHOD(Fixture, "reload: a deleted file stops its scenes") {
  std::filesystem::remove((folder / "test.lua").string());
  host.file_changed((folder / "test.lua").string());
  tick(500ms);
  CHECK(taken() == Lines{"x/stop=1"});
  CHECK(stage.list().empty());
}

TEST_CASE_METHOD(Fixture, "reload: on_reload = restart starts again") {
  save(text("{ 0, 'x/a', 'new', confirm = false }, { 1, 'x/b', 'new', confirm = false }",
            "on_reload = 'restart'"));
  CHECK(taken() == Lines{"x/a=new"});
  tick(1s);
  CHECK(taken() == Lines{"x/b=new", "x/stop=1"});
  CHECK(reports.size() == 1);
}

TEST_CASE_METHOD(Fixture, "reload: a confirmation that is awaited is awaited by the new code") {
  control().stop(true);
  taken();
  save(text("{ 0, 'room1/light', 'ON' }, { 1, 'x/b', 1, confirm = false }"));
  REQUIRE(control().go());
  tick(500ms);
  save(text("{ 0, 'room1/light', 'ON' }, { 0.6, 'x/b', 'new', confirm = false }"));
  tick(100ms);
  CHECK(taken() == Lines{"room1/light=ON", "x/b=new"});
  incoming("room1/status", "OK");
  CHECK(taken() == Lines{"x/stop=1"});
  CHECK(reports.back().confirmed == 1);
}

TEST_CASE_METHOD(Fixture, "reload: a follow-on waits for the confirmation that is pending") {
  control().stop(true);
  const std::string cues =
      "{ 0, 'room1/door', 'OPEN' }, { after = 'previous', 'x/b', 1, confirm = false }";
  save(text(cues));
  taken();
  REQUIRE(control().go());
  tick(100ms);
  save(text(cues));
  tick(100ms);
  CHECK(taken() == Lines{"room1/door=OPEN"});
  incoming("room1/status", "OK");
  tick(0s);
  CHECK(taken() == Lines{"x/b=1", "x/stop=1"});
}

TEST_CASE_METHOD(Fixture, "reload: at the very moment of a cue it does not fire twice") {
  tick(3s);
  CHECK(taken() == Lines{"x/c=1", "x/stop=1"});
  tick(1s);
  save(
      text("{ 0, 'x/a', 1, confirm = false }, { 0.3, 'x/b', 1, confirm = false },"
           "{ 9, 'x/c', 1, confirm = false }"));
  REQUIRE(control().go());
  tick(300ms);
  save(
      text("{ 0, 'x/a', 1, confirm = false }, { 0.3, 'x/b', 1, confirm = false },"
           "{ 9, 'x/d', 1, confirm = false }"));
  tick(1s);
  CHECK(taken() == Lines{"x/a=1", "x/b=1"});
}

TEST_CASE_METHOD(Fixture, "reload: on_stop of the new version counts") {
  save(
      "local scene = require 'engine.scene'\n"
      "scene 'ghost' { cues = { { 99, 'x/c', 1 } }, on_stop = { { 'x/stop', 'new' } } }\n");
  stage.stop_all(true);
  CHECK(taken() == Lines{"x/stop=new"});
}

TEST_CASE_METHOD(Fixture,
                 "reload: fifty saves in the middle of a scene change nothing but the code") {
  for (int i = 0; i < 50; ++i) {
    tick(20ms);
    save(text("{ 0, 'x/a', 1 }, { 8, 'x/c', " + std::to_string(i) + ", confirm = false }"));
  }
  CHECK(published.empty());
  tick(2s);
  CHECK(taken() == Lines{"x/c=49", "x/stop=1"});
}
