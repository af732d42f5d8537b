#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/stage/stage.h"

namespace engine {

// One thing that happened in a performance.
struct TraceStep {
  enum class Kind { cue, note, call, wait } kind = Kind::note;
  double position = 0;  // Seconds on the scene's clock: when it was due, or began.
  double elapsed = 0;   // Seconds since the start, pauses included, when it was recorded.

  // Of a cue, and `late` also of a call. Text is printable and cut.
  std::string topic;
  std::string payload;
  double late = 0;  // Seconds.
  Stage::Sent::How how = Stage::Sent::How::sent;
  std::string trouble;  // Why it failed.
  uint64_t token = 0;
  bool pending = false;  // Still waits for its confirmation.
  std::optional<CueResult> result;
  double answered_after = 0;  // Seconds, when there is a result.
  std::string answer;         // The device's.

  // Of a note or a wait.
  std::string text;
  double seconds = 0;   // How long the wait took.
  std::string outcome;  // How it ended, see Remark.
};

struct PerformanceTrace {
  uint64_t number = 0;  // Counts all performances since the engine's start.
  SceneInfo scene;
  WallTime started{};
  std::optional<PerformanceReport> report;  // Once it has ended.
  std::deque<TraceStep> steps;
  size_t left_out = 0;  // Steps before these, of a long performance.

  bool failed() const {
    return report && (report->reason == EndReason::failed || !report->all_confirmed());
  }
};

// What happened in the last performances of every scene, step by step. Those that failed are kept
// apart from the good ones, so that neither pushes the other out. Engine thread only.
class Tracer {
 public:
  struct Limits {
    size_t performances = 10;  // Of each scene: so many good ones, and so many that failed.
    size_t steps = 500;        // Of each performance: the last.
    size_t scenes = 1000;      // The one that played longest ago is forgotten.
  };
  Tracer(Stage& stage, const Clock& clock, Limits limits);
  Tracer(Stage& stage, const Clock& clock) : Tracer(stage, clock, Limits{}) {}
  ~Tracer();
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;

  using Traces = std::vector<std::shared_ptr<const PerformanceTrace>>;
  // Of one scene, in the order in which they began; the one that still runs is the last.
  Traces of(const std::string& scene) const;
  // Scenes that have been performed, by name.
  std::vector<std::string> scenes() const;

 private:
  using Trace = std::shared_ptr<PerformanceTrace>;
  struct Kept {
    std::deque<Trace> good;
    std::deque<Trace> failed;
    uint64_t last = 0;  // Number of the latest.
  };
  struct Running {
    PerformanceId performance;
    SteadyTime started;
    Trace trace;
  };

  void begin(const SceneInfo& scene);
  void sent(const Stage::SentCue& event);
  void settled(const Stage::SettledCue& event);
  void remark(PerformanceId performance, const Remark& remark);
  void end(const PerformanceReport& report);
  Running* find(PerformanceId performance);
  void add(PerformanceId performance, TraceStep step);
  void forget_oldest_scene();

  Stage& stage_;
  const Clock& clock_;
  const Limits limits_;
  std::vector<Running> running_;
  std::map<std::string, Kept> kept_;
  uint64_t next_number_ = 1;
  Handle on_begin_, on_sent_, on_settled_, on_remark_, on_end_;
};

}  // namespace engine
