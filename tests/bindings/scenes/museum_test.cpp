#include <algorithm>
#include <optional>

#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

// The shipped scenes, with a device that confirms everything.
struct MuseumFixture : ScriptFixture {
  std::optional<PerformanceReport> report;
  MuseumFixture() {
    load(
        "require 'engine.virtual_device' { id = 'esp32_01', commands = { 'room1/+' },\n"
        "  delay = { 0.1, 0.1 },\n"
        "  accepts = function(topic) return topic ~= 'room1/lever' and topic ~= 'room1/button1' "
        "end }");
    stage.on_end.connect([this](const PerformanceReport& ended) { report = ended; });
  }
  void load_scene(const std::string& file) {
    const auto loaded = host.add(std::string(ENGINE_SOURCE_DIR) + "/scenes/museum/" + file);
    INFO((loaded ? std::string{} : loaded.error().message));
    REQUIRE(loaded);
    taken();
  }
  void go(const std::string& name) { REQUIRE(stage.control(*stage.find(name))->go()); }
  // What was sent to the devices in this time.
  Lines commands_in(Duration time) {
    tick(time);
    Lines lines = taken();
    std::erase(lines, "room1/status=OK");
    return lines;
  }
  void check_ended_well(const std::string& name) {
    REQUIRE(report);
    CHECK(report->scene == name);
    CHECK(report->reason == EndReason::finished);
    CHECK(report->all_confirmed());
    CHECK(faults.empty());
  }
};

}  // namespace

TEST_CASE_METHOD(MuseumFixture, "museum: room1 plays the document's cues at their times") {
  load_scene("room1.lua");
  go("room1");
  CHECK(commands_in(1s) == Lines{"room1/light=ON"});
  CHECK(commands_in(1500ms).empty());
  CHECK(media.playing("room1/audio"));
  CHECK(commands_in(2500ms) == Lines{"room1/steam=ON"});
  CHECK(commands_in(4999ms).empty());
  CHECK(commands_in(1s) == Lines{"room1/motor=START"});
  CHECK(commands_in(2s) == Lines{"room1/motor=STOP", "room1/steam=OFF", "room1/light=OFF"});
  check_ended_well("room1");
}

TEST_CASE_METHOD(MuseumFixture, "museum: the ghost comes at the press of the button") {
  load_scene("ghost.lua");
  incoming("room1/button1", "PRESSED", true);
  CHECK_FALSE(stage.any_running());
  incoming("room1/button1", "PRESSED");
  CHECK(stage.any_running());
  const Lines commands = commands_in(20s);
  CHECK(std::count(commands.begin(), commands.end(), "room1/motor=START") == 1);
  CHECK(commands.back() == "room1/light=ON");
  CHECK(logs.has("now the fog should be thick"));
  check_ended_well("ghost");
}

TEST_CASE_METHOD(MuseumFixture, "museum: the riddle opens the door to who pulls the lever") {
  load_scene("riddle.lua");
  go("riddle");
  CHECK(commands_in(5s) == Lines{"room1/light=DIM:20"});
  incoming("room1/lever", "PULLED");
  CHECK(commands_in(10s) == Lines{"room1/door=UNLOCK", "room1/light=ON"});
  CHECK(logs.has("fanfare.mp3"));
  check_ended_well("riddle");
}

TEST_CASE_METHOD(MuseumFixture, "museum: the riddle gives a hint to who does not") {
  load_scene("riddle.lua");
  go("riddle");
  CHECK(commands_in(32s) == Lines{"room1/light=DIM:20"});
  CHECK(commands_in(30s) == Lines{"room1/lamp_lever=BLINK", "room1/lamp_lever=OFF",
                                  "room1/lamp_lever=OFF", "room1/light=ON"});
  check_ended_well("riddle");
}

TEST_CASE_METHOD(MuseumFixture, "museum: the intro's lighthouse turns three times") {
  load_scene("intro.lua");
  go("intro");
  const Lines commands = commands_in(2min);
  CHECK(std::count(commands.begin(), commands.end(), "room1/servo=ROTATE:90") == 3);
  CHECK(std::count(commands.begin(), commands.end(), "room1/buzzer=BEEP:3") == 1);
  CHECK(commands.back() == "room1/light=OFF");
  check_ended_well("intro");
}
