#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/timers.h"
#include "core/stage/stage.h"
#include "core/store/key_value.h"

namespace engine {

// A performance that was running when the engine was cut off.
struct Interrupted {
  std::string scene;
  std::string room;
  std::string script;
  std::vector<Cue> safety;  // What has to be sent if nobody can carry it on.
  // What the scene's own code has written; empty where it did not ask to be carried on.
  std::string data;
  std::vector<std::string> steps;
  Duration lived{};  // From the writing of `data` to the last sign of life.
  Duration away{};   // From the last sign of life to the start of this engine.
};

// Who performs, and where each performance stands, kept so that a power cut is an interruption. In
// a store that does not outlive the engine nothing is written. Engine thread only.
class Journal {
 public:
  // A sign of life is written so often while something is performed.
  static constexpr Duration kHeartbeat = std::chrono::milliseconds{500};

  // Reads what the run before has left.
  Journal(Store& store, Timers& timers);
  ~Journal() { timers_.cancel(heartbeat_); }
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // What the run before has left; once.
  std::vector<Interrupted> take_interrupted() { return std::exchange(interrupted_, {}); }
  // Forgets an interrupted performance that nobody carries on.
  void forget(const std::string& scene);

  void begin(PerformanceId performance, const SceneInfo& info, const std::vector<Cue>& safety);
  // The performance carries on an interrupted one, whose data and steps stay.
  void carry_on(PerformanceId performance, const SceneInfo& info, const std::vector<Cue>& safety);
  void protect(PerformanceId performance, const std::vector<Cue>& safety);
  void end(const std::string& scene);

  // False when it is not kept: nobody keeps anything, or it is too large.
  bool write(PerformanceId performance, std::string data);
  bool append(PerformanceId performance, std::string step);
  // Forgets data and steps.
  void clear(PerformanceId performance);

 private:
  struct Running {
    PerformanceId id;
    SceneInfo info;
    int order;  // In which they began.
    size_t steps = 0;
  };
  Running* find(PerformanceId performance);
  void add(PerformanceId performance, const SceneInfo& info, const std::vector<Cue>& safety);
  void write_header(const Running& running, const std::vector<Cue>& safety);
  void read_interrupted();
  void sign_of_life();

  Timers& timers_;
  const bool enabled_;
  KeyValue headers_;
  KeyValue data_;
  KeyValue steps_;
  KeyValue alive_;
  std::vector<Interrupted> interrupted_;
  std::vector<Running> running_;
  int next_order_ = 1;
  TimerId heartbeat_;
};

}  // namespace engine
