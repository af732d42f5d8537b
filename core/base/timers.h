#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "core/base/clock.h"
#include "core/base/slot_map.h"

namespace engine {

using TimerId = Handle;

// Deadlines and what to do at them. Callbacks run from `run_due`, in order of time and then of
// creation; one may cancel any timer, itself included, and start others. Engine thread only.
class Timers {
 public:
  using Callback = std::function<void()>;

  explicit Timers(const Clock& clock) : clock_(clock) {}
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  TimerId at(SteadyTime when, Callback callback);
  TimerId after(Duration delay, Callback callback);
  // Fires at start + n * period: does not drift; periods missed altogether are skipped.
  TimerId every(Duration period, Callback callback);
  // The same, with `first` as the first deadline.
  TimerId every(Duration period, SteadyTime first, Callback callback);
  // False when the timer has fired or was cancelled before.
  bool cancel(TimerId id);
  bool active(TimerId id) const { return timers_.find(id) != nullptr; }

  // When it fires next; nothing when it does not any more.
  std::optional<SteadyTime> due(TimerId id) const;

  // The earliest deadline, if any.
  std::optional<SteadyTime> next();
  // Runs what is due now; a timer that a callback starts waits for the next call, also with delay
  // 0. Returns how many fired.
  size_t run_due();

  size_t size() const { return timers_.size(); }
  const Clock& clock() const { return clock_; }

 private:
  struct Timer {
    SteadyTime when;
    Duration period;
    Callback callback;
  };
  struct Entry {
    SteadyTime when;
    uint64_t sequence;
    TimerId id;
  };
  static bool later(const Entry& a, const Entry& b);
  TimerId add(SteadyTime when, Duration period, Callback callback);
  void push(SteadyTime when, TimerId id);
  Entry pop();
  void drop_cancelled();
  void fire(const Entry& entry);

  const Clock& clock_;
  SlotMap<Timer> timers_;
  std::vector<Entry> heap_;  // Cancelled timers stay in it until they surface or it is swept.
  uint64_t next_sequence_ = 0;
};

// Moves a virtual clock forward, stopping at every deadline on the way and running what is due.
void advance(VirtualClock& clock, Timers& timers, Duration by);

}  // namespace engine
