#pragma once

#include <map>
#include <string>

#include "core/base/clock.h"
#include "core/base/logging.h"

namespace engine {

// Logs callbacks of scripts that take long, each at most once a minute, to `script`. Engine thread
// only.
class SlowCallbacks {
 public:
  SlowCallbacks(const Clock& clock, Logs& logs, Duration limit);

  void set_limit(Duration limit) { limit_ = limit; }
  bool is_slow(Duration took) const { return took > limit_; }
  // `place` is the file and line of the function, for the reader.
  void report(const std::string& script, const std::string& callback, const std::string& place,
              Duration took);

  // The time one callback takes by itself: what it makes other callbacks do is theirs.
  class Stopwatch {
   public:
    explicit Stopwatch(SlowCallbacks& slow);
    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;
    // To be called once, at the end.
    Duration stop();

   private:
    SlowCallbacks& slow_;
    const SteadyTime started_;
    const Duration outer_;
  };

 private:
  struct Known {
    SteadyTime said;
    int unsaid = 0;
  };
  const Clock& clock_;
  spdlog::logger& log_;
  Duration limit_;
  Duration nested_{};  // Taken by callbacks within the one that runs.
  std::map<std::string, Known> known_;
};

}  // namespace engine
