#pragma once

#include <chrono>

namespace engine {

using Duration = std::chrono::steady_clock::duration;
using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

// The only source of time. Any thread may read it.
class Clock {
 public:
  virtual ~Clock() = default;
  // Monotonic: for durations and deadlines.
  virtual SteadyTime now() const = 0;
  // Calendar time: for what people and other machines read.
  virtual WallTime wall() const = 0;
};

class SystemClock final : public Clock {
 public:
  SteadyTime now() const override { return std::chrono::steady_clock::now(); }
  WallTime wall() const override { return std::chrono::system_clock::now(); }
};

// Stands still until it is moved: for tests and replay. Use `advance` of timers.h to move it past
// timers.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(WallTime start = WallTime{std::chrono::seconds{1'700'000'000}})
      : wall_start_(start) {}

  SteadyTime now() const override { return now_; }
  WallTime wall() const override {
    return wall_start_ + std::chrono::duration_cast<WallTime::duration>(now_.time_since_epoch());
  }
  void set(SteadyTime t) { now_ = t; }

 private:
  WallTime wall_start_;
  SteadyTime now_{};
};

inline double to_seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

inline Duration from_seconds(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace engine
