#include "core/app/ctl_views.h"

#include "tests/support/catch.h"

using namespace engine;
using nlohmann::json;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

json cue(json more) {
  json step = {{"kind", "cue"},          {"at", 2.5},       {"late", 0.0},
               {"topic", "room1/light"}, {"payload", "ON"}, {"how", "sent"}};
  step.update(more);
  return step;
}

std::string drawn(const json& step) {
  const json performance = {{"number", 7},         {"scene", "ghost"}, {"started", "T"},
                            {"state", "finished"}, {"good", true},     {"length", 10.0},
                            {"steps", {step}}};
  return trace_view({{"performances", {performance}}}, {});
}

}  // namespace

TEST_CASE("scenes are shown with position and what comes next") {
  const json scenes = {{"scenes",
                        {{{"name", "ghost"},
                          {"room", "room1"},
                          {"state", "running"},
                          {"position", 5.25},
                          {"duration", 10.0},
                          {"next", "room1/motor = START"},
                          {"next_at", 10.0}},
                         {{"name", "riddle"}, {"state", "idle"}, {"position", 0.0}}}}};
  CHECK(scenes_view(scenes, {}) ==
        "SCENE   ROOM   STATE      POSITION  NEXT\n"
        "ghost   room1  running  5.2 / 10.0  room1/motor = START at 10.0\n"
        "riddle         idle\n");
}

TEST_CASE("a trace shows what was sent, how late, and what came of it") {
  CHECK(has(drawn(cue({{"late", 0.003}})), "2.500  +3 ms  room1/light = ON  sent"));
  CHECK(has(drawn(cue({{"result", "confirmed"}, {"answered_after", 0.25}})), "✔ after 0.250 s"));
  CHECK(has(drawn(cue({{"result", "error"}, {"answer", "ERROR"}, {"answered_after", 0.1}})),
            "✖ ERROR after 0.100 s"));
  CHECK(
      has(drawn(cue({{"result", "timeout"}, {"answered_after", 1.0}})), "✖ no answer in 1.000 s"));
  CHECK(has(drawn(cue({{"how", "failed"}, {"trouble", "no file 'x.mp3'"}})), "✖ no file 'x.mp3'"));
  CHECK(has(drawn(cue({{"how", "simulated"}})), "simulated"));
  CHECK(has(drawn({{"kind", "wait"},
                   {"at", 1.0},
                   {"text", "room1/lever = PULLED"},
                   {"seconds", 30.0},
                   {"outcome", "timeout"}}),
            "waited for room1/lever = PULLED  30.000 s: timeout"));
  CHECK(has(drawn({{"kind", "note"}, {"at", 1.0}, {"text", "paused"}}), "paused"));
}

TEST_CASE("a trace is headed by how the performance ended") {
  CHECK(has(drawn(cue(json::object())), "#7 ghost  T  finished after 10.0 s  (0 confirmed"));
}

TEST_CASE("empty answers are said in words, and answers of another kind do not hurt") {
  for (auto* view :
       {scenes_view, scripts_view, devices_view, topics_view, faults_view, traces_view}) {
    CHECK(has(view(json::object(), {}), "."));
    CHECK_NOTHROW(view({{"scenes", 1}, {"scripts", {1}}, {"devices", {"x"}}}, {}));
  }
  CHECK(has(trace_view(json::object(), {}), "No such performance"));
}
