#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

struct Fixture : ScriptFixture {
  void story(const std::string& body, const std::string& more = "") {
    load("local scene = require 'engine.scene'\n" + more +
         "\nscene 'riddle' { room = 'room1', on_stop = { { 'x/stop', 1, confirm = false } },\n"
         "story = function(s)\n" +
         body + "\nend }\n");
    REQUIRE(stage.control(*stage.find("riddle"))->go());
  }
  SceneControl& control() { return *stage.control(*stage.find("riddle")); }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a story waits, and tells what it waits for") {
  story("s:send('x/a', 1, { confirm = false })\ns:wait(2)\ns:send('x/b', 1, { confirm = false })");
  CHECK(taken() == Lines{"x/a=1"});
  CHECK(control().status().next_at == 2.0);
  tick(2s);
  CHECK(taken() == Lines{"x/b=1", "x/stop=1"});
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].reason == EndReason::finished);
}

TEST_CASE_METHOD(Fixture, "s:wait_for: the message, or nil after the timeout") {
  story(
      "local msg = s:wait_for('room1/lever', 'PULLED', 30)\n"
      "s:send('x/got', msg and msg.payload or 'nothing', { confirm = false })");
  SECTION("the message") {
    incoming("room1/lever", "PULLED", true);
    incoming("room1/lever", "PUSHED");
    CHECK(taken().empty());
    incoming("room1/lever", "PULLED");
    CHECK(taken() == Lines{"x/got=PULLED", "x/stop=1"});
  }
  SECTION("the timeout") {
    tick(30s);
    CHECK(taken() == Lines{"x/got=nothing", "x/stop=1"});
  }
  tick(0s);
  CHECK(subscriptions() == 0);
  CHECK(timers.size() == 0);
}

TEST_CASE_METHOD(Fixture, "s:play returns when the sound has ended") {
  story(
      "local ok, why = s:play('a.mp3')\ns:send('x/ok', tostring(ok or why), { confirm = false })");
  tick(2s);
  CHECK(taken().empty());
  SECTION("by itself") {
    tick(1s);
    CHECK(taken() == Lines{"x/ok=true", "x/stop=1"});
  }
  SECTION("because it was stopped") {
    REQUIRE(media.command("room1/audio", "STOP"));
    tick(0s);
    CHECK(taken() == Lines{"x/ok=stopped", "x/stop=1"});
  }
}

TEST_CASE_METHOD(Fixture, "s:together ends with its last branch") {
  story(
      "s:together(function() s:wait(1) s:send('x/1', 1, { confirm = false }) end,\n"
      "           function() s:wait(3) s:send('x/3', 1, { confirm = false }) end)\n"
      "s:send('x/end', 1, { confirm = false })");
  tick(1s);
  CHECK(taken() == Lines{"x/1=1"});
  tick(2s);
  CHECK(taken() == Lines{"x/3=1", "x/end=1", "x/stop=1"});
}

TEST_CASE_METHOD(Fixture, "s:confirm waits for the device") {
  story(
      "local ok, why = s:confirm('room1/door', 'OPEN', { confirm = 2 })\n"
      "s:send('x/ok', tostring(ok or why), { confirm = false })");
  CHECK(taken() == Lines{"room1/door=OPEN"});
  SECTION("confirmed") {
    incoming("room1/status", "OK");
    CHECK(taken() == Lines{"x/ok=true", "x/stop=1"});
  }
  SECTION("not confirmed") {
    tick(2s);
    CHECK(taken() == Lines{"x/ok=timeout", "x/stop=1"});
  }
}

TEST_CASE_METHOD(Fixture, "s:wait_any tells which came first") {
  story(
      "local index, msg = s:wait_any { { 'a/x' }, { 'b/x', '1' }, timeout = 5 }\n"
      "s:send('x/i', tostring(index), { confirm = false })");
  SECTION("one of them") {
    incoming("b/x", "1");
    CHECK(taken() == Lines{"x/i=2", "x/stop=1"});
  }
  SECTION("none") {
    tick(5s);
    CHECK(taken() == Lines{"x/i=nil", "x/stop=1"});
  }
  CHECK(subscriptions() == 0);
}

TEST_CASE_METHOD(Fixture, "s:run plays another scene as part of this one") {
  const std::string body = "s:run('hint')\ns:send('x/end', 1, { confirm = false })";
  SECTION("a cue sheet") {
    story(body,
          "scene 'hint' { cues = { { 1, 'x/hint', 1, confirm = false } },\n"
          "  on_stop = { { 'x/hint', 0, confirm = false } } }");
    tick(1s);
    CHECK(taken() == Lines{"x/hint=1", "x/end=1", "x/hint=0", "x/stop=1"});
  }
  SECTION("a story") {
    story(body,
          "scene('hint', function(s) s:wait(1) s:send('x/hint', 1, { confirm = false }) end)");
    tick(1s);
    CHECK(taken() == Lines{"x/hint=1", "x/end=1", "x/stop=1"});
  }
}

TEST_CASE_METHOD(Fixture, "pause stops waits and timeouts of a story") {
  story("s:wait_for('x/never', nil, 2)\ns:send('x/end', 1, { confirm = false })");
  tick(1s);
  REQUIRE(control().pause());
  tick(1h);
  REQUIRE(control().resume());
  tick(999ms);
  CHECK(taken().empty());
  tick(1ms);
  CHECK(taken() == Lines{"x/end=1", "x/stop=1"});
}

TEST_CASE_METHOD(Fixture, "a message that comes during a pause is acted on when it is over") {
  story("s:wait_for('a/b')\ns:send('x/end', 1, { confirm = false })");
  REQUIRE(control().pause());
  incoming("a/b");
  CHECK(taken().empty());
  REQUIRE(control().resume());
  CHECK(taken() == Lines{"x/end=1", "x/stop=1"});
}

TEST_CASE_METHOD(Fixture, "stopping a story calls off everything it waits for") {
  story(
      "s:together(function() s:wait(9) end, function() s:wait_for('a/b') end,\n"
      "           function() s:play('a.mp3') end)\n"
      "s:send('x/never', 1)");
  REQUIRE(control().stop(true));
  CHECK(taken() == Lines{"x/stop=1"});
  tick(20s);
  CHECK(published.empty());
  CHECK(subscriptions() == 0);
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].reason == EndReason::stopped);
}

TEST_CASE_METHOD(Fixture,
                 "an error in a story ends it: on_stop is sent, the error names the line") {
  SECTION("in the story") { story("s:wait(1)\nerror('broken')"); }
  SECTION("in a branch") {
    story("s:together(function()\n s:wait(1) error('broken') end, function() s:wait(9) end)");
  }
  tick(1s);
  CHECK(taken() == Lines{"x/stop=1"});
  CHECK(logs.has("test.lua:6: broken"));
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].reason == EndReason::failed);
  CHECK(timers.size() == 0);
}

TEST_CASE_METHOD(Fixture, "reload: a story is played to its end by the old code") {
  story("s:wait(2)\ns:send('x/end', 'old', { confirm = false })");
  const std::string path = (folder / "test.lua").string();
  save(
      "local scene = require 'engine.scene'\n"
      "scene 'riddle' { room = 'room1', story = function(s)\n"
      "  s:send('x/end', 'new', { confirm = false }) end }\n");
  CHECK(logs.has("is played to its end by the old code"));
  tick(2s);
  CHECK(taken() == Lines{"x/end=old", "x/stop=1"});
  tick(1s);
  REQUIRE(stage.control(*stage.find("riddle"))->go());
  CHECK(taken() == Lines{"x/end=new"});
}
