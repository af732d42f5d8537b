#include "core/stage/trace.h"

#include "tests/core/stage/stage_fixture.h"

using namespace engine;
using namespace std::chrono_literals;
using How = Stage::Sent::How;

namespace {

struct Fixture : test::StageFixture {
  Tracer tracer{stage, clock, {.performances = 2, .steps = 3, .scenes = 2}};
  SceneId ghost = add("ghost");
  uint64_t token = 0;

  void send(PerformanceId performance, const std::string& topic, const std::string& payload,
            double position = 0, double late = 0) {
    stage.send(performance, ++token, position, {.topic = topic, .payload = payload}, late);
  }
  // A performance of one cue, which is confirmed or not.
  void perform(bool well, SceneId scene = {}) {
    const PerformanceId performance = begin(scene ? scene : ghost);
    send(performance, "room1/light", "ON");
    if (well) answer("room1/status", "OK");
    tick(2s);
    stage.end(performance, EndReason::finished);
  }
  PerformanceTrace last(const std::string& scene = "ghost") {
    const auto traces = tracer.of(scene);
    REQUIRE_FALSE(traces.empty());
    return *traces.back();
  }
  std::vector<uint64_t> numbers() {
    std::vector<uint64_t> result;
    for (const auto& trace : tracer.of("ghost")) result.push_back(trace->number);
    return result;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a trace tells what was sent, how late, and when it was confirmed") {
  const PerformanceId performance = begin(ghost);
  tick(2510ms);
  send(performance, "room1/light", "ON", 2.5, 0.01);
  CHECK(last().steps.back().pending);
  tick(250ms);
  answer("room1/status", "OK");
  const TraceStep step = last().steps.back();
  CHECK(step.kind == TraceStep::Kind::cue);
  CHECK(step.topic == "room1/light");
  CHECK(step.payload == "ON");
  CHECK(step.position == 2.5);
  CHECK(step.late == 0.01);
  CHECK(step.elapsed == Approx(2.51));
  CHECK(step.how == How::sent);
  CHECK_FALSE(step.pending);
  CHECK(step.result == CueResult::confirmed);
  CHECK(step.answered_after == Approx(0.25));
  CHECK(step.answer == "OK");
}

TEST_CASE_METHOD(Fixture, "a trace tells which cue was not confirmed, and why one failed") {
  const PerformanceId performance = begin(ghost);
  send(performance, "room1/light", "ON");
  send(performance, "room1/audio", "missing.mp3");
  tick(2s);
  stage.end(performance, EndReason::finished);
  const PerformanceTrace trace = last();
  CHECK(trace.steps[0].result == CueResult::timeout);
  CHECK(trace.steps[1].how == How::failed);
  CHECK(trace.steps[1].trouble == "no file 'missing.mp3'");
  CHECK(trace.failed());
  CHECK(trace.report->timed_out == 1);
}

TEST_CASE_METHOD(Fixture, "answers find their own cue, also when the same topic is sent twice") {
  const PerformanceId performance = begin(ghost);
  send(performance, "room1/light", "ON");
  send(performance, "room1/light", "OFF");
  answer("room1/status", "OK");
  CHECK(last().steps[0].result == CueResult::confirmed);
  CHECK(last().steps[1].pending);
}

TEST_CASE_METHOD(Fixture, "a trace has the notes, calls and waits of a scene") {
  const PerformanceId performance = begin(ghost);
  stage.note(performance, 1, "paused");
  stage.remark(performance, {.kind = Remark::Kind::call, .position = 2, .seconds = 0.5});
  stage.remark(performance, {.kind = Remark::Kind::wait,
                             .position = 3,
                             .text = "room1/lever = PULLED",
                             .seconds = 4,
                             .outcome = "timeout"});
  const auto steps = last().steps;
  CHECK(steps[0].kind == TraceStep::Kind::note);
  CHECK(steps[0].text == "paused");
  CHECK(steps[1].kind == TraceStep::Kind::call);
  CHECK(steps[1].late == 0.5);
  CHECK(steps[2].kind == TraceStep::Kind::wait);
  CHECK(steps[2].seconds == 4);
  CHECK(steps[2].outcome == "timeout");
  CHECK(scene_lines().size() == 2);  // That it started, and the note.
}

TEST_CASE_METHOD(Fixture, "a failed performance is not pushed out by good ones, nor they by it") {
  perform(false);
  for (int i = 0; i < 5; ++i) perform(true);
  CHECK(numbers() == std::vector<uint64_t>{1, 5, 6});
  for (int i = 0; i < 3; ++i) perform(false);
  CHECK(numbers() == std::vector<uint64_t>{5, 6, 8, 9});
}

TEST_CASE_METHOD(Fixture, "a scene that was abandoned has its safety cues in the trace") {
  const PerformanceId performance = begin(ghost, {{.topic = "room1/steam", .payload = "OFF"}});
  stage.abandon(performance);
  CHECK(last().steps.back().topic == "room1/steam");
  CHECK(last().report->reason == EndReason::failed);
}

TEST_CASE_METHOD(Fixture, "of a long performance the last steps are kept") {
  const PerformanceId performance = begin(ghost);
  for (int i = 0; i < 5; ++i) stage.note(performance, i, "round");
  CHECK(last().steps.size() == 3);
  CHECK(last().steps.front().position == 2);
  CHECK(last().left_out == 2);
}

TEST_CASE_METHOD(Fixture, "the scene that was performed longest ago is forgotten") {
  const SceneId a = add("a");
  const SceneId b = add("b");
  perform(true);
  perform(true, a);
  perform(true, b);
  CHECK(tracer.scenes() == Lines{"a", "b"});
}

TEST_CASE_METHOD(Fixture, "what a trace holds of payloads is printable and short") {
  const PerformanceId performance = begin(ghost);
  send(performance, "room1/light", "\x1b[2J" + std::string(10'000, 'x'));
  CHECK(last().steps.back().payload.size() < 300);
  CHECK(last().steps.back().payload.find('\x1b') == std::string::npos);
}
