// The scene of the museum document ("Your Scene Execution Flow"), with the answers it shows.
#include "tests/core/stage/stage_fixture.h"

using namespace engine;
using namespace std::chrono_literals;

namespace {

struct Museum : test::StageFixture {
  SceneId ghost = add("ghost");
  PerformanceId performance = begin(ghost);

  void cue(double at, const std::string& topic, const std::string& payload) {
    tick(std::chrono::duration_cast<Duration>(from_seconds(at)) - clock.now().time_since_epoch());
    stage.send(performance, ++token, at, {.topic = topic, .payload = payload});
  }
  void answer_after(Duration delay, const std::string& payload) {
    tick(delay);
    answer("room1/status", payload);
  }
  uint64_t token = 0;
};

}  // namespace

TEST_CASE_METHOD(Museum, "the museum document's scene gives the museum document's log") {
  cue(0.0, "room1/light", "ON");
  answer_after(234ms, "OK");
  cue(2.5, "room1/audio", "bg.mp3");
  cue(5.0, "room1/steam", "ON");
  answer_after(156ms, "OK");
  cue(10.0, "room1/motor", "START");
  answer_after(198ms, "OK");
  tick(802ms);
  stage.end(performance, EndReason::finished);

  CHECK(logs.lines() ==
        Lines{
            "[INFO] scene - Scene 'ghost' started (room1)",
            "[INFO] scene - [0.0s] room1/light = ON",
            "[DEBUG] mqtt_feedback - 📤 Sent: room1/light -> expecting feedback on: room1/status",
            "[INFO] mqtt_feedback - ✅ Feedback OK: room1/light (0.234s)",
            "[INFO] scene - [2.5s] room1/audio = bg.mp3",
            "[INFO] scene - [5.0s] room1/steam = ON",
            "[DEBUG] mqtt_feedback - 📤 Sent: room1/steam -> expecting feedback on: room1/status",
            "[INFO] mqtt_feedback - ✅ Feedback OK: room1/steam (0.156s)",
            "[INFO] scene - [10.0s] room1/motor = START",
            "[DEBUG] mqtt_feedback - 📤 Sent: room1/motor -> expecting feedback on: room1/status",
            "[INFO] mqtt_feedback - ✅ Feedback OK: room1/motor (0.198s)",
            "[INFO] scene - Scene 'ghost' finished after 11.0s: 3 confirmed, 0 failed, 0 timed out",
        });
  CHECK(link.published == Lines{"room1/light=ON", "room1/steam=ON", "room1/motor=START"});
  CHECK(media.commands == Lines{"room1/audio=bg.mp3"});
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].all_confirmed());
  CHECK(ended[0].sent == 4);
  CHECK(ended[0].confirmed == 3);
  CHECK(ended[0].length == 11s);
  CHECK(control(ghost).log == "1 confirmed;3 confirmed;4 confirmed;");
}

TEST_CASE_METHOD(Museum, "a scene goes on when one device is silent and another refuses") {
  cue(0.0, "room1/light", "ON");
  cue(5.0, "room1/steam", "ON");
  answer_after(156ms, "ERROR");
  cue(10.0, "room1/motor", "START");
  answer_after(198ms, "OK");
  stage.end(performance, EndReason::finished);

  CHECK(lines_of("mqtt_feedback") ==
        Lines{
            "[DEBUG] mqtt_feedback - 📤 Sent: room1/light -> expecting feedback on: room1/status",
            "[WARNING] mqtt_feedback - ⏰ Feedback TIMEOUT: room1/light (>1.000s)",
            "[DEBUG] mqtt_feedback - 📤 Sent: room1/steam -> expecting feedback on: room1/status",
            "[WARNING] mqtt_feedback - ❌ Feedback ERROR: room1/steam -> 'ERROR' (0.156s)",
            "[DEBUG] mqtt_feedback - 📤 Sent: room1/motor -> expecting feedback on: room1/status",
            "[INFO] mqtt_feedback - ✅ Feedback OK: room1/motor (0.198s)",
        });
  CHECK(scene_lines().back() ==
        "[WARNING] scene - Scene 'ghost' finished after 10.2s: 1 confirmed, 1 failed, 1 timed out");
  CHECK_FALSE(ended[0].all_confirmed());
}

TEST_CASE_METHOD(Museum, "a broker that dies in mid-scene turns the scene into a simulation") {
  cue(0.0, "room1/light", "ON");
  answer_after(234ms, "OK");
  link.up = false;
  cue(5.0, "room1/steam", "ON");
  link.up = true;
  cue(10.0, "room1/motor", "START");
  answer_after(198ms, "OK");
  stage.end(performance, EndReason::finished);

  CHECK(scene_lines() ==
        Lines{
            "[INFO] scene - Scene 'ghost' started (room1)",
            "[INFO] scene - [0.0s] room1/light = ON",
            "[INFO] scene - [5.0s] room1/steam = ON (simulation)",
            "[INFO] scene - [10.0s] room1/motor = START",
            "[WARNING] scene - Scene 'ghost' finished after 10.2s: 2 confirmed, 0 failed, 0 timed "
            "out, 1 simulated",
        });
  CHECK(link.published == Lines{"room1/light=ON", "room1/motor=START"});
}

TEST_CASE_METHOD(Museum, "a scene that ends early names what it still waited for") {
  cue(0.0, "room1/light", "ON");
  answer_after(234ms, "OK");
  cue(5.0, "room1/steam", "ON");
  stage.end(performance, EndReason::stopped);
  CHECK(logs.has("[WARNING] mqtt_feedback - Scene ended with pending feedback: room1/steam"));
  CHECK(scene_lines().back() ==
        "[WARNING] scene - Scene 'ghost' stopped after 5.0s: 1 confirmed, 0 failed, 0 timed out, 1 "
        "unanswered");
  CHECK(control(ghost).log == "1 confirmed;2 abandoned;");
  CHECK_FALSE(ended[0].all_confirmed());
}
