#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

// A scene, and a script that does what it is told and answers `result / state of the scene`.
struct StageFixture : ScriptFixture {
  StageFixture() {
    load(
        "local scene = require 'engine.scene'\n"
        "scene 'show' {\n"
        "  room = 'room1',\n"
        "  cues = {\n"
        "    { 0, 'room1/light', 'ON', confirm = 2 },\n"
        "    { 5, 'room1/light', 'OFF', confirm = false, name = 'dark' },\n"
        "    { 9, 'room1/motor', 'START', confirm = false },\n"
        "  },\n"
        "  on_stop = { { 'room1/light', 'OFF', confirm = 1 } },\n"
        "}\n"
        "mqtt.subscribe('do/+', function(msg, what)\n"
        "  local done, why = stage[what]('show', tonumber(msg.payload) or msg.payload)\n"
        "  local at = stage.list()[1]\n"
        "  mqtt.publish('out', (why or tostring(done)) .. ' / ' .. at.state .. ' ' .. "
        "at.position)\n"
        "end)\n"
        "mqtt.subscribe('pending', function() mqtt.publish('out', feedback.pending()) end)\n"
        "mqtt.subscribe('all', function() stage.stop_all() end)\n");
  }

  // The answer is the last thing that is sent.
  std::string order(const std::string& topic, const std::string& payload = "") {
    incoming(topic, payload);
    const Lines sent = taken();
    return sent.empty() ? "" : sent.back();
  }
};

}  // namespace

TEST_CASE_METHOD(StageFixture, "stage: a script steers a scene by its name") {
  CHECK(order("do/pause") == "out=scene 'show' does not run / idle 0");
  CHECK(order("do/go") == "out=true / running 0");
  tick(2s);
  CHECK(order("do/pause") == "out=true / paused 2");
  tick(2s);
  CHECK(order("do/resume") == "out=true / running 2");
  CHECK(order("do/seek", "8") == "out=true / running 8");
  CHECK(order("do/jump", "nowhere") == "out=scene 'show' has no cue named 'nowhere' / running 8");
  CHECK(order("do/jump", "dark") == "out=true / running 5");
  CHECK(order("do/stop") == "out=true / stopping 5");
  tick(1s);
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].reason == EndReason::stopped);
}

TEST_CASE_METHOD(StageFixture, "stage.stop_all ends every performance") {
  order("do/go");
  CHECK(order("all") == "room1/light=OFF");
  tick(2s);
  CHECK_FALSE(stage.any_running());
}

TEST_CASE_METHOD(StageFixture, "feedback.pending tells what devices have yet to confirm") {
  CHECK(order("pending") == "out={}");
  order("do/go");
  tick(500ms);
  CHECK(nlohmann::json::parse(order("pending").substr(4)) ==
        nlohmann::json::parse(R"([{"topic": "room1/light", "timeout": 2, "waited": 0.5,
                                   "feedback_topics": ["room1/status", "room1/light/feedback"]}])"));
  incoming("room1/light/feedback", "OK");
  CHECK(order("pending") == "out={}");
}
