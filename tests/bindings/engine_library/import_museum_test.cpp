#include <fstream>
#include <sstream>

#include "bindings/host/library_function.h"
#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

Result<std::string> converted(const std::string& json, const std::string& name = "show") {
  return call_library({std::string(ENGINE_SOURCE_DIR) + "/scripts"}, "engine.import_museum",
                      "convert", {json, name});
}

std::string shipped(const std::string& name) {
  std::ifstream file(std::string(ENGINE_SOURCE_DIR) + "/scenes/museum/import/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct ImportFixture : ScriptFixture {
  // Imports, loads and starts the scene "show".
  void play(const std::string& json) {
    const auto lua = converted(json);
    INFO((lua ? std::string{} : lua.error().message));
    REQUIRE(lua);
    load(*lua);
    REQUIRE(stage.control(*stage.find("show"))->go());
  }
  void confirm() { incoming("room1/status", "OK"); }
};

}  // namespace

TEST_CASE("import_museum: a list becomes a cue sheet that a person can read") {
  const auto lua = converted(
      "[{\"timestamp\": 10, \"topic\": \"room1/motor\", \"message\": \"START\"},"
      " {\"timestamp\": 0, \"topic\": \"room1/light\", \"message\": \"ON\"},"
      " {\"timestamp\": 2.25, \"topic\": \"room1/video\", \"message\": \"PLAY_VIDEO:a "
      "\\\"b\\\".mp4\"},"
      " {\"timestamp\": 0, \"topic\": \"room1/dim\", \"message\": 50}]");
  REQUIRE(lua);
  CHECK(*lua ==
        "-- Imported from the museum controller's scene show.\n"
        "local scene = require \"engine.scene\"\n"
        "\n"
        "scene \"show\" {\n"
        "  room = \"room1\",\n"
        "  cues = {\n"
        "    {  0.0, \"room1/light\", \"ON\" },\n"
        "    {  0.0, \"room1/dim\",   \"50\" },\n"
        "    { 2.25, \"room1/video\", \"PLAY_VIDEO:a \\\"b\\\".mp4\" },\n"
        "    { 10.0, \"room1/motor\", \"START\" },\n"
        "  },\n"
        "  on_stop = {\n"
        "    { \"room1/video\", \"STOP_VIDEO\" },\n"
        "  },\n"
        "}\n");
}

TEST_CASE_METHOD(ImportFixture, "import_museum: the shipped list plays the same") {
  play(shipped("test.json"));
  CHECK(taken() == Lines{"room1/light=ON"});
  tick(1s);
  CHECK(taken() == Lines{"room1/motor=START"});
  tick(4s);
  CHECK(taken().empty());
  tick(1s);
  CHECK(taken() == Lines{"room1/light=OFF"});
  tick(2s);
  CHECK(taken() == Lines{"room1/motor=STOP"});
  tick(10s);
  CHECK(taken().empty());
  CHECK_FALSE(stage.any_running());
}

TEST_CASE_METHOD(ImportFixture,
                 "import_museum: payloads stay text, numbers and booleans become it") {
  play(
      "\xef\xbb\xbf [{\"timestamp\": 0, \"topic\": \"room1/a\", \"message\": \"0042\"},"
      " {\"timestamp\": 0, \"topic\": \"room1/b\", \"message\": 0.5},"
      " {\"timestamp\": 0, \"topic\": \"room1/c\", \"message\": true},"
      " {\"timestamp\": 0, \"topic\": \"room1/d\", \"message\": \"two\\nlines \\\\ \\u017e\"}]");
  CHECK(taken() ==
        Lines{"room1/a=0042", "room1/b=0.5", "room1/c=true", "room1/d=two\nlines \\ \xc5\xbe"});
}

TEST_CASE_METHOD(ImportFixture, "import_museum: the shipped state machine plays the same") {
  play(shipped("motors.json"));
  CHECK(taken() == Lines{"room1/motor1=ON:100:L:10000"});
  tick(15s);
  CHECK(taken() == Lines{"room1/motor1=SPEED:50"});
  tick(6s);
  CHECK(taken() == Lines{"room1/motor1=OFF"});
  tick(5s);
  CHECK(taken() == Lines{"room1/motor1=ON:100:R:10000"});
  SECTION("to its end") {
    tick(26s);
    CHECK(taken() == Lines{"room1/motor1=SPEED:50", "room1/motor1=OFF"});
    CHECK_FALSE(stage.any_running());
  }
  SECTION("until somebody presses the emergency button") {
    tick(2s);
    incoming("room1/emergency", "STOP");
    CHECK_FALSE(stage.any_running());
    tick(1min);
    CHECK(taken().empty());
  }
}

TEST_CASE("import_museum: a state machine becomes one that a person can read") {
  const auto lua = converted(R"({
    "sceneId": "x", "description": "All of it.", "initialState": "wait here", "extra": 1,
    "states": {
      "END": {"onEnter": [{"action": "mqtt", "topic": "room2/light", "message": "OFF"}],
              "onExit": [{"action": "video", "message": "never"}]},
      "after": {"onExit": [{"action": "mqtt", "topic": "room2/fan", "message": 0}],
                "transitions": [{"type": "always", "goto": "END"}]},
      "wait here": {"description": "Until\n somebody comes",
        "onEnter": [{"action": "audio", "message": "PLAY:a.mp3:0.5", "retain": true}],
        "timeline": [{"at": 1.5, "action": "mqtt", "topic": "room2/light", "message": "ON"},
                     {"at": 10, "actions": [{"action": "video", "message": "b.mp4"},
                                            {"action": "mqtt", "topic": "room2/fan", "message": 1}]}],
        "transitions": [{"type": "mqttMessage", "topic": "room2/number", "message": 5, "goto": "after"},
                        {"type": "audioEnd", "target": "a.mp3", "goto": "after"},
                        {"type": "videoEnd", "target": "b.mp4", "goto": "wait here"}]}
    },
    "globalEvents": [{"type": "timeout", "delay": 600, "goto": "END"}]})");
  REQUIRE(lua);
  CHECK(*lua == R"(-- Imported from the museum controller's scene show.
-- All of it.
-- The old controller also sent room2/STOP = STOP at each end: add it to on_stop if devices need it.
local state_machine = require "engine.state_machine"

state_machine "show" {
  room = "room2",
  initial = "wait here",
  states = {
    -- Until somebody comes
    ["wait here"] = {
      on_enter = {
        { "room2/audio", "PLAY:a.mp3:0.5" },
      },
      timeline = {
        {  1.5, "room2/light", "ON" },
        { 10.0, "room2/video", "b.mp4" },
        { 10.0, "room2/fan",   "1" },
      },
      transitions = {
        { message = { "room2/number", "5" }, to = "after" },
        { audio_end = "a.mp3",               to = "after" },
        { video_end = "b.mp4",               to = "wait here" },
      },
    },
    after = {
      on_exit = {
        { "room2/fan", "0" },
      },
      transitions = {
        { always = true, to = "END" },
      },
    },
    END = {
      on_enter = {
        { "room2/light", "OFF" },
      },
    },
  },
  global_events = {
    { timeout = 600.0, to = "END" },
  },
  on_stop = {
    { "room2/audio", "STOP" },
    { "room2/video", "STOP_VIDEO" },
  },
}
)");
}

TEST_CASE_METHOD(ImportFixture, "import_museum: sound ends, and what is played stops at the end") {
  play(R"({"initialState": "END", "states": {"END":
    {"onEnter": [{"action": "audio", "message": "PLAY:a.mp3"}]}}})");
  CHECK_FALSE(stage.any_running());
  CHECK(logs.has("room1/audio = PLAY:a.mp3"));
  CHECK_FALSE(media.playing("room1/audio"));
}

TEST_CASE("import_museum: what is wrong is named with its place and the rule") {
  const auto with_state = [](const std::string& state) {
    return "{\"initialState\": \"a\", \"states\": {\"a\": " + state + "}}";
  };
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"", "not JSON: "},
      {"[{]", "not JSON: "},
      {"5", "a list of actions, or an object with states, expected"},
      {"[]", "the list has no actions"},
      {"[1]", "action 1: an object expected"},
      {"[{\"timestamp\": 0, \"topic\": \"a\", \"message\": \"x\"}, {\"topic\": \"a\"}]",
       "action 2: timestamp is missing"},
      {"[{\"timestamp\": -1, \"topic\": \"a\", \"message\": \"x\"}]",
       "action 1: timestamp: seconds from 0 expected, got -1"},
      {"[{\"timestamp\": \"1\", \"topic\": \"a\", \"message\": \"x\"}]",
       "action 1: timestamp: seconds from 0 expected, got 1"},
      {"[{\"timestamp\": 0, \"message\": \"x\"}]", "action 1: topic is missing"},
      {"[{\"timestamp\": 0, \"topic\": \"\", \"message\": \"x\"}]", "action 1: topic is missing"},
      {"[{\"timestamp\": 0, \"topic\": \"a/+\", \"message\": \"x\"}]",
       "action 1: topic 'a/+' has a wildcard"},
      {"[{\"timestamp\": 0, \"topic\": \"a\"}]", "action 1: message is missing"},
      {"[{\"timestamp\": 0, \"topic\": \"a\", \"message\": null}]", "action 1: message is missing"},
      {"[{\"timestamp\": 0, \"topic\": \"a\", \"message\": {}}]",
       "action 1: message: text, number or boolean expected"},
      {"{}", "states: an object expected"},
      {"{\"states\": {}}", "scene: initialState is missing"},
      {"{\"states\": {\"a\": {}}, \"initialState\": \"b\"}", "initialState: there is no state 'b'"},
      {with_state("{\"onentry\": []}"), "state 'a': unknown key 'onentry'"},
      {with_state("{\"onEnter\": [{\"action\": \"lights\"}]}"),
       "state 'a': onEnter 1: action: mqtt, audio or video expected, got 'lights'"},
      {with_state("{\"onEnter\": {\"action\": \"mqtt\"}}"), "state 'a': onEnter: a list expected"},
      {with_state("{\"onExit\": [{\"action\": \"mqtt\", \"topic\": \"x\", \"message\": \"\"}]}"),
       "state 'a': onExit 1: message is missing"},
      {with_state("{\"timeline\": [{\"action\": \"audio\", \"message\": \"x.mp3\"}]}"),
       "state 'a': timeline 1: at is missing"},
      {with_state("{\"timeline\": [{\"at\": 1}]}"), "state 'a': timeline 1: action is missing"},
      {with_state("{\"timeline\": [{\"at\": 1, \"actions\": [{\"action\": \"mqtt\"}]}]}"),
       "state 'a': timeline 1: action 1: topic is missing"},
      {with_state("{\"transitions\": [{\"type\": \"timeout\"}]}"),
       "state 'a': transition 1: goto is missing"},
      {with_state("{\"transitions\": [{\"type\": \"timeout\", \"goto\": \"b\"}]}"),
       "state 'a': transition 1: goto: there is no state 'b'"},
      {with_state("{\"transitions\": [{\"type\": \"buttonPress\", \"goto\": \"a\"}]}"),
       "state 'a': transition 1: type: timeout, audioEnd, videoEnd, mqttMessage or always "
       "expected, got "
       "'buttonPress'"},
      {with_state("{\"transitions\": [{\"type\": \"audioEnd\", \"goto\": \"a\"}]}"),
       "state 'a': transition 1: target is missing"},
      {"{\"initialState\": \"a\", \"states\": {\"a\": {}}, \"globalEvents\":"
       " [{\"type\": \"always\", \"goto\": \"b\"}]}",
       "globalEvents 1: goto: there is no state 'b'"}};
  for (const auto& [json, message] : wrong) {
    const auto lua = converted(json);
    INFO(json);
    REQUIRE_FALSE(lua);
    CHECK(lua.error().message.find(message) == 0);
  }
}
