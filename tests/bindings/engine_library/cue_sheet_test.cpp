#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

struct Fixture : ScriptFixture {
  void scene(const std::string& options) { load(text(options)); }
  static std::string text(const std::string& options) {
    return "local scene = require 'engine.scene'\nscene 'ghost' {" + options + "}\n";
  }
  Result<void> go() { return control().go(); }
  SceneControl& control() { return *stage.control(*stage.find("ghost")); }
  SceneStatus status() { return control().status(); }
  // Everything published from now on is confirmed by room1.
  void confirm_all() { confirming = true; }
  void run(Duration time) {
    for (Duration t{}; t < time; t += 100ms) {
      tick(100ms);
      for (; confirming && answered < published.size(); ++answered) incoming("room1/status", "OK");
    }
  }
  bool confirming = false;
  size_t answered = 0;
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a cue sheet sends its cues at their times, and on_stop at its end") {
  scene(
      "room = 'room1',\n"
      "cues = {\n"
      "  { 0.0, 'room1/light', 'ON' },\n"
      "  { 5.0, 'room1/steam', 'ON' },\n"
      "},\n"
      "on_stop = { { 'room1/steam', 'OFF' } }");
  REQUIRE(go());
  CHECK(taken() == Lines{"room1/light=ON"});
  tick(4999ms);
  CHECK(published.empty());
  tick(1ms);
  CHECK(taken() == Lines{"room1/steam=ON"});
  incoming("room1/status", "OK");
  CHECK(taken() == Lines{"room1/steam=OFF"});
  CHECK(reports.empty());
  incoming("room1/status", "OK");
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].reason == EndReason::finished);
  CHECK(reports[0].timed_out == 1);  // The light never answered.
  CHECK(reports[0].confirmed == 2);
}

TEST_CASE_METHOD(Fixture, "cues need not be sorted; equal times fire as they are written") {
  scene(
      "cues = { { 2, 'x/c', 3 }, { 1, 'x/a', 1, confirm = false }, { 1, 'x/b', true },\n"
      "         { 2, function() mqtt.publish('x/d', 'function') end } }");
  go();
  tick(1s);
  CHECK(taken() == Lines{"x/a=1", "x/b=true"});
  tick(1s);
  CHECK(taken() == Lines{"x/c=3", "x/d=function"});
}

TEST_CASE_METHOD(Fixture, "a trigger starts the scene; retained and debounced ones do not") {
  scene(
      "trigger = { 'room1/button1', 'PRESSED' }, go_debounce = 1,\n"
      "cues = { { 0, 'room1/light', 'ON', confirm = false } }");
  CHECK(stage.list()[0].info.triggered);
  incoming("room1/button1", "PRESSED", true);
  incoming("room1/button1", "RELEASED");
  CHECK(taken().empty());
  incoming("room1/button1", "PRESSED");
  incoming("room1/button1", "PRESSED");
  CHECK(taken() == Lines{"room1/light=ON"});
  tick(1s);
  incoming("room1/button1", "PRESSED");
  CHECK(taken() == Lines{"room1/light=ON"});
}

TEST_CASE_METHOD(Fixture, "timed triggers start the scene") {
  scene("trigger = { { every = 10 }, { 'x/y' } }, cues = { { 0, 'x/a', 1, confirm = false } }");
  tick(20s);
  CHECK(taken() == Lines{"x/a=1", "x/a=1"});
}

TEST_CASE_METHOD(Fixture, "stop sends on_stop once, also while it is paused") {
  scene(
      "cues = { { 0, 'x/a', 1 }, { 10, 'x/b', 1 } },\n"
      "on_stop = { { 'x/a', 0 }, function() mqtt.publish('x/f', 'called') end }");
  go();
  taken();
  tick(2s);
  SECTION("while it runs") {}
  SECTION("while it is paused") { REQUIRE(control().pause()); }
  REQUIRE(control().stop(true));
  CHECK(taken() == Lines{"x/a=0", "x/f=called"});
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].reason == EndReason::stopped);
  tick(20s);
  CHECK(published.empty());
  CHECK_FALSE(control().stop(true));
}

TEST_CASE_METHOD(Fixture, "pause stops every clock of the scene") {
  scene("cues = { { 0, 'x/a', 1, confirm = false }, { 5, 'x/b', 1, confirm = false } }");
  go();
  tick(3s);
  REQUIRE(control().pause());
  tick(1h);
  CHECK(taken() == Lines{"x/a=1"});
  CHECK(status().position == Approx(3));
  CHECK(status().state == SceneStatus::State::paused);
  REQUIRE(control().resume());
  tick(1999ms);
  CHECK(published.empty());
  tick(1ms);
  CHECK(taken() == Lines{"x/b=1"});
}

TEST_CASE_METHOD(Fixture, "jump goes to a named cue, seek sends the state that would hold") {
  scene(
      "cues = {\n"
      "  { 0, 'x/light', 'ON' }, { 1, 'x/motor', 'START' }, { 2, 'x/light', 'DIM' },\n"
      "  { 3, 'x/audio', 'a.mp3' }, { 4, function() error 'not called' end },\n"
      "  { 10, 'x/end', 1, name = 'finale' },\n"
      "}");
  go();
  taken();
  SECTION("jump") {
    CHECK(control().jump("nowhere").error().message.find("no cue named 'nowhere'") !=
          std::string::npos);
    REQUIRE(control().jump("finale"));
    CHECK(taken() == Lines{"x/end=1"});
  }
  SECTION("seek forward") {
    REQUIRE(control().seek(9));
    CHECK(taken() == Lines{"x/motor=START", "x/light=DIM"});
    tick(1s);
    CHECK(taken() == Lines{"x/end=1"});
  }
  SECTION("seek too far") {
    CHECK(control().seek(10.5).error().message.find("10.0 s long") != std::string::npos);
  }
  SECTION("seek back") {
    tick(2s);
    taken();
    REQUIRE(control().seek(0.5));
    CHECK(taken() == Lines{"x/light=ON"});
    tick(500ms);
    CHECK(taken() == Lines{"x/motor=START"});
  }
}

TEST_CASE_METHOD(Fixture, "loops: the whole sheet, and a section of it") {
  SECTION("the sheet") {
    scene(
        "loop = 3, cues = { { 0, 'x/a', 1, confirm = false }, { 2, 'x/b', 1, confirm = false } }");
    go();
    tick(10s);
    CHECK(taken() == Lines{"x/a=1", "x/b=1", "x/a=1", "x/b=1", "x/a=1", "x/b=1"});
  }
  SECTION("a section") {
    scene(
        "cues = { { 0, 'x/a', 1, confirm = false }, { 1, 'x/b', 1, confirm = false, name = 'verse' "
        "},\n"
        "         { 2, loop_to = 'verse', times = 2 }, { 3, 'x/c', 1, confirm = false } }");
    go();
    tick(10s);
    CHECK(taken() == Lines{"x/a=1", "x/b=1", "x/b=1", "x/b=1", "x/c=1"});
  }
  CHECK(reports.size() == 1);
}

TEST_CASE_METHOD(Fixture,
                 "follow-ons wait for the confirmation, the end of a sound, and their waits") {
  scene(
      "cues = {\n"
      "  { 1, 'room1/door', 'OPEN', post_wait = 1 },\n"
      "  { after = 'previous', 'room1/audio', 'a.mp3', pre_wait = 0.5 },\n"
      "  { after = 'previous', 'room1/light', 'OFF', confirm = false },\n"
      "}");
  go();
  tick(1s);
  CHECK(taken() == Lines{"room1/door=OPEN"});
  tick(500ms);
  incoming("room1/status", "OK");
  tick(1499ms);
  CHECK_FALSE(media.playing("room1/audio"));
  tick(1ms);
  CHECK(media.playing("room1/audio"));
  tick(2999ms);
  CHECK(taken().empty());
  tick(1ms);
  CHECK(taken() == Lines{"room1/light=OFF"});
  CHECK(reports.size() == 1);
}

TEST_CASE_METHOD(Fixture, "a missing confirmation is tried again, then answered as the cue says") {
  SECTION("retry, then continue") {
    scene("cues = { { 0, 'room1/light', 'ON', retry = 2 } }");
    go();
    tick(5s);
    CHECK(taken() == Lines{"room1/light=ON", "room1/light=ON", "room1/light=ON"});
    REQUIRE(reports.size() == 1);
    CHECK(reports[0].reason == EndReason::finished);
  }
  SECTION("stop") {
    scene(
        "cues = { { 0, 'room1/light', 'ON', on_timeout = 'stop' }, { 5, 'x/never', 1 } },\n"
        "on_stop = { { 'room1/light', 'OFF', confirm = false } }");
    go();
    tick(10s);
    CHECK(taken() == Lines{"room1/light=ON", "room1/light=OFF"});
    REQUIRE(reports.size() == 1);
    CHECK(reports[0].reason == EndReason::failed);
  }
  SECTION("a function of the author's") {
    scene(
        "cues = { { 0, 'room1/light', 'ON', confirm = 0.2,\n"
        "  on_timeout = function(cue, why) mqtt.publish('x/told', cue.topic .. ' ' .. why) end } "
        "}");
    go();
    tick(300ms);
    CHECK(taken() == Lines{"room1/light=ON", "x/told=room1/light timeout"});
  }
}

TEST_CASE_METHOD(Fixture, "a scene lasts as long as it says, also in a loop") {
  scene("length = 5, loop = 2, cues = { { 0, 'x/a', 1, confirm = false } }");
  go();
  tick(4999ms);
  CHECK(taken() == Lines{"x/a=1"});
  tick(1ms);
  CHECK(taken() == Lines{"x/a=1"});
  tick(4999ms);
  CHECK(reports.empty());
  tick(1ms);
  CHECK(reports.size() == 1);
}

TEST_CASE_METHOD(Fixture, "a loop waits for its follow-ons") {
  scene(
      "loop = 2, cues = { { 0, 'x/a', 1, confirm = false },\n"
      "  { after = 'previous', 'x/b', 1, confirm = false, pre_wait = 3 } }");
  go();
  tick(3s);
  CHECK(taken() == Lines{"x/a=1", "x/b=1", "x/a=1"});
  tick(10s);
  CHECK(taken() == Lines{"x/b=1"});
  CHECK(reports.size() == 1);
}

TEST_CASE_METHOD(Fixture, "a pause holds back what is tried again") {
  scene("cues = { { 0, 'room1/light', 'ON', retry = 1 } }");
  go();
  taken();
  REQUIRE(control().pause());
  tick(10s);
  CHECK(published.empty());
  REQUIRE(control().resume());
  CHECK(taken() == Lines{"room1/light=ON"});
}

TEST_CASE_METHOD(Fixture, "stop ends the sound that plays, the end of a scene does not") {
  scene("room = 'room1', length = 1, cues = { { 0, 'room1/audio', 'a.mp3' } }");
  go();
  REQUIRE(media.playing("room1/audio"));
  SECTION("stop") {
    REQUIRE(control().stop(true));
    CHECK_FALSE(media.playing("room1/audio"));
  }
  SECTION("end") {
    tick(1s);
    CHECK(reports.size() == 1);
    CHECK(media.playing("room1/audio"));
  }
}

TEST_CASE_METHOD(Fixture, "an error in a cue's function is logged, and the show goes on") {
  scene("cues = { { 0, function() error 'broken' end }, { 1, 'x/a', 1, confirm = false } }");
  go();
  tick(1s);
  CHECK(taken() == Lines{"x/a=1"});
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].message.find("test.lua:2: broken") != std::string::npos);
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].reason == EndReason::failed);
}

TEST_CASE_METHOD(Fixture, "one scene per room at a time") {
  load(
      "local scene = require 'engine.scene'\n"
      "scene 'ghost' { room = 'room1', cues = { { 9, 'x/a', 1 } } }\n"
      "scene 'other' { room = 'room1', cues = { { 9, 'x/a', 1 } } }\n");
  REQUIRE(go());
  const auto refused = stage.control(*stage.find("other"))->go();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("ghost") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "what comes next can be asked") {
  scene("cues = { { 0, 'room1/light', 'ON', confirm = false }, { 4, 'room1/motor', 'START' } }");
  go();
  tick(1s);
  CHECK(status().position == Approx(1));
  CHECK(status().next == "room1/motor = START");
  CHECK(status().next_at == 4.0);
  CHECK(status().duration == 4.0);
}

namespace {

struct Mistake {
  const char* options;
  const char* message;
};

const Mistake kMistakes[] = {
    {"", "either cues or story expected"},
    {"cues = {}", "at least one cue"},
    {"cues = { 1 }", "cue 1: a table expected, got number"},
    {"cues = { { 'room1/light', 'ON' } }", "cue 1: its time, which comes first: seconds from 0"},
    {"cues = { { -1, 'x/a', 1 } }", "seconds from 0 expected, got -1"},
    {"cues = { { 0/0, 'x/a', 1 } }", "seconds from 0 expected"},
    {"cues = { { 1, nil, 'ON' } }", "cue 1: a topic expected"},
    {"cues = { { 1, '', 'ON' } }", "cue 1: a topic expected"},
    {"cues = { { 1, 'x/+', 'ON' } }", "has a wildcard"},
    {"cues = { { 1, 'x/a' } }", "a payload (text, number, boolean or table) expected, got nil"},
    {"cues = { { 1, 'x/a', 1, confrim = 2 } }",
     "unknown option 'confrim', did you mean 'confirm'?"},
    {"cues = { { 1, 'x/a', 1, confirm = -2 } }", "confirm: seconds from 0"},
    {"cues = { { 1, 'x/a', 1, qos = 3 } }", "qos: 0, 1 or 2"},
    {"cues = { { 1, 'x/a', 1, retry = 0.5 } }", "retry: a number of times"},
    {"cues = { { 1, 'x/a', 1, on_timeout = 'panic' } }", "on_timeout: \"continue\", \"stop\""},
    {"cues = { { after = 'previous', 'x/a', 1 } }", "there is no cue before it"},
    {"cues = { { 1, loop_to = 'a' } }", "there is no cue named 'a'"},
    {"cues = { { 1, 'x/a', 1, name = 'a' }, { 2, 'x/a', 1, name = 'a' } }", "used twice"},
    {"cues = { { 1, 'x/a', 1 } }, on_stop = { { 'x/#', 1 } }",
     "on_stop 1: topic 'x/#' has a wildcard"},
    {"cues = { { 1, 'x/a', 1 } }, triger = {}", "unknown option 'triger', did you mean 'trigger'?"},
    {"cues = { { 1, 'x/a', 1 } }, on_reload = 'maybe'", "on_reload: \"resume\", \"restart\""},
    {"cues = { { 1, 'x/a', 1 } }, room = 5", "room: a name expected"},
    {"cues = { { 1, 'x/a', 1 } }, loop = 0", "loop: true or a number of times"},
    {"story = function() end, on_reload = 'resume'", "on_reload: \"finish\" or \"restart\""},
    {"cues = { { 1, 'x/a', 1 } }, trigger = 'x'", "trigger: { topic, payload }"},
    {"cues = { { 1, 'x/a', 1 } }, trigger = { 'x/#/y' }", "'#' must be the last level"},
    {"cues = { { 1, 'x/a', 1 } }, trigger = { at = '25:00' }", "a time of day such as"},
    {"cues = { { 1, 'x/a', 1 } }, trigger = { evry = 5 }", "trigger: { topic, payload }"},
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a scene that is declared wrongly is an error at its line") {
  for (const Mistake& mistake : kMistakes) {
    INFO(mistake.options);
    const auto loaded = host.add(write("test.lua", text(mistake.options)));
    REQUIRE_FALSE(loaded);
    INFO(loaded.error().message);
    CHECK(loaded.error().message.starts_with((folder / "test.lua").string() + ":2: "));
    CHECK(loaded.error().message.find(mistake.message) != std::string::npos);
  }
}
