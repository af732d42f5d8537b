#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

const std::string kUse = "local state_machine = require 'engine.state_machine'\n";

struct StateMachineFixture : ScriptFixture {
  // The machine "show" in room1, which does not wait for confirmations, and starts it.
  void play(const std::string& options) {
    load(kUse + "state_machine 'show' { room = 'room1', " + options + " }");
    go();
  }
  void go() { REQUIRE(control().go()); }
  SceneControl& control() { return *stage.control(*stage.find("show")); }
  bool running() { return control().status().state != SceneStatus::State::idle; }
};

// A state that says that it was entered, and which ways lead out of it.
std::string state(const std::string& name, const std::string& transitions) {
  return name + " = { on_enter = { { 'in', '" + name + "', confirm = false } }, transitions = { " +
         transitions + " } }, ";
}

}  // namespace

TEST_CASE_METHOD(StateMachineFixture,
                 "state_machine: enter, timeline, exit, in order and on time") {
  play(
      "initial = 'right', states = {\n"
      "  right = {\n"
      "    on_enter = { { 'room1/motor1', 'ON:100:R', confirm = false },\n"
      "                 { 'room1/lamp', 1, confirm = false } },\n"
      "    timeline = { { 2, 'late', 'b', confirm = false }, { 1, 'early', 'a', confirm = false } "
      "},\n"
      "    on_exit = { { 'room1/motor1', 'OFF', confirm = false } },\n"
      "    transitions = { { timeout = 3, to = 'left' } } },\n"
      "  left = {\n"
      "    on_enter = { { 'room1/motor1', 'ON:100:L', confirm = false } },\n"
      "    timeline = { { 5, 'never', 'x', confirm = false } },\n"
      "    transitions = { { timeout = 1, to = 'END' } } },\n"
      "  END = { on_enter = { { 'room1/lamp', 0, confirm = false } } },\n"
      "}, on_stop = { { 'room1/STOP', 'STOP', confirm = false } }");
  CHECK(taken() == Lines{"room1/motor1=ON:100:R", "room1/lamp=1"});
  tick(999ms);
  CHECK(taken().empty());
  tick(1ms);
  CHECK(taken() == Lines{"early=a"});
  tick(1s);
  CHECK(taken() == Lines{"late=b"});
  tick(1s);
  CHECK(taken() == Lines{"room1/motor1=OFF", "room1/motor1=ON:100:L"});
  tick(1s);
  CHECK(taken() == Lines{"room1/lamp=0", "room1/STOP=STOP"});
  CHECK_FALSE(running());
  tick(1min);
  CHECK(taken().empty());
  CHECK(faults.empty());
}

TEST_CASE_METHOD(StateMachineFixture, "state_machine: a message leads on, as text, exactly") {
  play("initial = 'a', states = { " + state("a", "{ message = { 'room1/number', 5 }, to = 'b' }") +
       state("b", "{ message = { 'room1/button1', 'PRESSED' }, to = 'c' }") +
       state("c", "{ message = { 'room1/flag', true }, to = 'END' }") + "}");
  taken();
  incoming("room1/number", "50");
  incoming("room1/number/deeper", "5");
  incoming("room1/number", "5", true);
  CHECK(taken().empty());
  incoming("room1/number", " 5\n");
  CHECK(taken() == Lines{"in=b"});
  incoming("room1/button1", "pressed");
  CHECK(taken().empty());
  incoming("room1/button1", "PRESSED");
  CHECK(taken() == Lines{"in=c"});
  incoming("room1/flag", "true");
  CHECK_FALSE(running());
}

TEST_CASE_METHOD(StateMachineFixture, "state_machine: the first transition that matches is taken") {
  play("initial = 'a', states = { " +
       state("a",
             "{ message = { 'x', '1' }, to = 'b' }, { message = { 'x', '1' }, to = 'c' },"
             "{ timeout = 9, to = 'b' }, { timeout = 9, to = 'c' }, { timeout = 8, to = 'd' }") +
       state("b", "") + state("c", "") + state("d", "{ message = { 'x', '1' }, to = 'a' }") + "}");
  CHECK(taken() == Lines{"in=a"});
  tick(9s);
  CHECK(taken() == Lines{"in=d"});
  incoming("x", "1");
  incoming("x", "1");
  CHECK(taken() == Lines{"in=a", "in=b"});
}

TEST_CASE_METHOD(StateMachineFixture, "state_machine: an event that leads nowhere is not kept") {
  play("initial = 'a', states = { " + state("a", "{ timeout = 1, to = 'b' }") +
       state("b", "{ message = { 'x', '1' }, to = 'END' }") + "}");
  incoming("x", "1");
  tick(1s);
  CHECK(running());
  incoming("x", "1");
  CHECK_FALSE(running());
}

TEST_CASE_METHOD(StateMachineFixture, "state_machine: the end of exactly that file leads on") {
  play(
      "initial = 'a', states = { "
      "a = { on_enter = { { 'room1/audio', 'PLAY:sfx_1.wav' }, { 'room1/video', 'ghost.mp4' } },"
      "      transitions = { { audio_end = 'sfx_1.wav', to = 'b' } } }," +
      state("b", "{ video_end = 'ghost.mp4', to = 'END' }") + "}");
  using Reason = MediaEnd::Reason;
  media.on_end.emit({"room1/audio", "other.wav", Reason::finished});
  media.on_end.emit({"room2/audio", "sfx_1.wav", Reason::finished});
  media.on_end.emit({"room1/video", "sfx_1.wav", Reason::finished});
  media.on_end.emit({"room1/audio", "sfx_1.wav", Reason::stopped});
  CHECK(taken().empty());
  media.on_end.emit({"room1/audio", "sfx_1.wav", Reason::finished});
  CHECK(taken() == Lines{"in=b"});
  media.on_end.emit({"room1/video", "ghost.mp4", Reason::failed});
  CHECK_FALSE(running());
}

TEST_CASE_METHOD(StateMachineFixture, "state_machine: what ends while a state is entered counts") {
  play(
      "initial = 'a', states = { "
      "a = { on_enter = { { 'room1/audio', 'PLAY:bad.mp3:loud' } },"
      "      transitions = { { audio_end = 'bad.mp3', to = 'b' } } }," +
      state("b", "") + "}");
  CHECK(taken() == Lines{"in=b"});
}

TEST_CASE_METHOD(StateMachineFixture, "state_machine: a global event goes before the state's") {
  play("initial = 'a', states = { " + state("a", "{ message = { 'x', '1' }, to = 'b' }") +
       state("b", "{ message = { 'x', '1' }, to = 'c' }") + state("c", "") +
       "}, global_events = { { message = { 'x', '1' }, to = 'b' } }");
  taken();
  incoming("x", "1");
  CHECK(taken() == Lines{"in=b"});
  SECTION("and one to where we are does not hide what comes after it") {
    incoming("x", "1");
    CHECK(taken() == Lines{"in=c"});
  }
}

TEST_CASE_METHOD(StateMachineFixture,
                 "state_machine: a global timeout counts from the start, once") {
  play("initial = 'a', states = { " + state("a", "{ timeout = 8, to = 'b' }") +
       state("b", "{ message = { 'x', '1' }, to = 'a' }") +
       state("late", "{ timeout = 3, to = 'a' }") +
       "}, global_events = { { timeout = 10, to = 'late' } }");
  tick(8s);
  CHECK(taken() == Lines{"in=a", "in=b"});
  tick(2s);
  CHECK(taken() == Lines{"in=late"});
  tick(3s);
  CHECK(taken() == Lines{"in=a"});
  tick(1h);
  CHECK(taken() == Lines{"in=b"});
}

TEST_CASE_METHOD(StateMachineFixture,
                 "state_machine: a transition to the same state enters it again") {
  play(
      "initial = 'a', states = { a = { on_enter = { { 'in', 'a', confirm = false } },"
      " on_exit = { { 'out', 'a', confirm = false } }, transitions = { { timeout = 2, to = 'a' } } "
      "} }");
  taken();
  tick(4s);
  CHECK(taken() == Lines{"out=a", "in=a", "out=a", "in=a"});
}

TEST_CASE_METHOD(StateMachineFixture,
                 "state_machine: a circle of always does not hang the engine") {
  play("initial = 'a', states = { " + state("a", "{ always = true, to = 'b' }") +
       state("b", "{ always = true, to = 'a' }") + "}");
  CHECK(taken() == Lines{"in=a"});
  tick(1s);
  CHECK(taken().size() == 200);
  REQUIRE(control().stop(false));
  CHECK_FALSE(running());
}

TEST_CASE_METHOD(StateMachineFixture, "state_machine: a loop of timeouts does not drift") {
  play("initial = 'a', states = { " + state("a", "{ timeout = 0.1, to = 'a' }") + "}");
  for (int i = 0; i < 1000; ++i) tick(137ms);
  CHECK(taken().size() == 1371);
}

TEST_CASE_METHOD(StateMachineFixture,
                 "state_machine: stopped from outside, on_stop and nothing else") {
  play(
      "initial = 'a', states = { a = { on_exit = { { 'out', 'a', confirm = false } },"
      " timeline = { { 1, 'later', 'x', confirm = false } } },"
      " END = { on_enter = { { 'in', 'END', confirm = false } } } },"
      " on_stop = { { 'room1/motor1', 'OFF', confirm = false } }");
  const size_t subscribed = bus.subscriptions();
  REQUIRE(control().stop(false));
  tick(1min);
  CHECK(taken() == Lines{"room1/motor1=OFF"});
  CHECK_FALSE(running());
  for (int i = 0; i < 10; ++i) {
    go();
    REQUIRE(control().stop(true));
    tick(1s);
  }
  CHECK(bus.subscriptions() == subscribed);
}

TEST_CASE_METHOD(StateMachineFixture, "state_machine: paused, its time stands still; events wait") {
  play("initial = 'a', states = { " + state("a", "{ timeout = 5, to = 'b' }") +
       state("b", "{ message = { 'x', '1' }, to = 'c' }") +
       state("c", "{ message = { 'x', '2' }, to = 'END' }") + "}");
  tick(4s);
  REQUIRE(control().pause());
  tick(1h);
  CHECK(taken() == Lines{"in=a"});
  REQUIRE(control().resume());
  tick(1s);
  CHECK(taken() == Lines{"in=b"});
  REQUIRE(control().pause());
  incoming("x", "1");
  incoming("x", "2");
  CHECK(taken().empty());
  REQUIRE(control().resume());
  tick(1ms);
  CHECK(taken() == Lines{"in=c"});
  CHECK_FALSE(running());
}

TEST_CASE_METHOD(StateMachineFixture, "state_machine: of more than 50 events the oldest give way") {
  play("initial = 'a', states = { " + state("a", "{ message = { 'x', '1' }, to = 'b' }") +
       state("b", "{ message = { 'x', '2' }, to = 'c' }") + state("c", "") + "}");
  taken();
  REQUIRE(control().pause());
  incoming("x", "1");
  for (int i = 0; i < 50; ++i) incoming("x", "2");
  REQUIRE(control().resume());
  tick(1ms);
  CHECK(taken().empty());
  incoming("x", "1");
  CHECK(taken() == Lines{"in=b"});
}

TEST_CASE_METHOD(StateMachineFixture, "state_machine: saved while it plays, it ends as it began") {
  const std::string text =
      kUse + "state_machine 'show' { room = 'room1', initial = 'a', states = { " +
      state("a", "{ message = { 'x', '1' }, to = 'b' }") + state("b", "") + "} }";
  load(text);
  go();
  save(text + "\nmqtt.publish('saved', 'yes')");
  incoming("x", "1");
  CHECK(taken() == Lines{"in=a", "saved=yes", "in=b"});
}

TEST_CASE_METHOD(StateMachineFixture, "state_machine: trigger and actions in Lua") {
  load(kUse +
       "state_machine 'show' { trigger = { 'room1/scene', 'START' }, initial = 'a', states = {\n"
       "  a = { on_enter = { { function() mqtt.publish('in', 'lua') end } },\n"
       "        transitions = { { always = true, to = 'END' } } } } }");
  incoming("room1/scene", "START");
  tick(5ms);
  CHECK(taken() == Lines{"in=lua"});
  CHECK_FALSE(running());
}

TEST_CASE_METHOD(StateMachineFixture, "state_machine: an error says where and which rule") {
  const std::vector<std::pair<std::string, std::string>> misuses = {
      {"", "states: a table expected, got nil"},
      {"initial = 'b', states = { a = {} }", "initial: there is no state 'b'"},
      {"initial = 'a', states = { a = {} }, state = 1", "unknown option 'state', did you mean"},
      {"initial = 'a', states = { a = { onEnter = {} } }", "state 'a': unknown option 'onEnter'"},
      {"initial = 'a', states = { a = { on_enter = { { 'x', '1' }, { 'y' } } } }",
       "state 'a': on_enter 2: y: a payload"},
      {"initial = 'a', states = { a = { on_exit = { { 'x/+', '1' } } } }",
       "state 'a': on_exit 1: topic 'x/+' has a wildcard"},
      {"initial = 'a', states = { a = { on_exit = { { 'x', '1', after = 'previous' } } } }",
       "state 'a': on_exit 1: unknown option 'after'"},
      {"initial = 'a', states = { a = { timeline = { { -1, 'x', '1' } } } }",
       "state 'a': timeline 1: its time, which comes first: seconds from 0 expected, got -1"},
      {"initial = 'a', states = { a = { transitions = { { timeout = 1, to = 'b' } } } }",
       "state 'a': transition 1: to: there is no state 'b'"},
      {"initial = 'a', states = { a = { transitions = { { timeout = 1 } } } }",
       "state 'a': transition 1: to: the name of a state, or END, expected"},
      {"initial = 'a', states = { a = { transitions = { { to = 'a' } } } }",
       "transition 1: one of timeout, message, audio_end, video_end, always expected"},
      {"initial = 'a', states = { a = { transitions = { { timeout = 1, always = true, to = 'a' } } "
       "} }",
       "transition 1: either timeout or always expected"},
      {"initial = 'a', states = { a = { transitions = { { timeout = '1', to = 'a' } } } }",
       "transition 1: timeout: seconds from 0 expected, got 1"},
      {"initial = 'a', states = { a = { transitions = { { message = { 'x/#', '1' }, to = 'a' } } } "
       "}",
       "transition 1: message: { topic, payload } expected, with a topic without wildcards"},
      {"initial = 'a', states = { a = { transitions = { { message = { 'x' }, to = 'a' } } } }",
       "transition 1: message: x: a payload"},
      {"initial = 'a', states = { a = { transitions = { { audio_end = 1, to = 'a' } } } }",
       "transition 1: audio_end: a file name expected"},
      {"initial = 'a', states = { a = {}, END = { timeline = {} } }",
       "state 'END': only on_enter is carried out"},
      {"initial = 'a', states = { a = {} }, global_events = { { timeout = 1, to = 'b' } }",
       "global_events 1: to: there is no state 'b'"},
      {"initial = 'a', states = { a = {} }, room = 1", "room: a name expected"}};
  for (const auto& [options, message] : misuses) {
    const std::string error = load_error(kUse + "state_machine 'show' { " + options + " }");
    INFO(error);
    CHECK(error.find("test.lua:2: ") != std::string::npos);
    CHECK(error.find("'show'") != std::string::npos);
    CHECK(error.find(message) != std::string::npos);
  }
}
