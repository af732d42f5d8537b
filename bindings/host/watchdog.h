#pragma once

#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <semaphore>
#include <string>
#include <thread>

#include "bindings/lua/vm.h"

namespace engine {

// Stops scripts that do not return. A thread of its own sees that a call has used up its budget,
// and interrupts the engine thread by a signal, which does the rest there: first an error is
// raised in the script (with its line); then, kPatience later, one that a pcall cannot keep; where
// that has no effect either, because machine code or a function of LuaJIT's runs on and on, the VM
// is abandoned. Time is the real one, also where scripts have a virtual clock, and only what the
// engine thread had of a processor counts: on a busy machine scripts are slow, not wrong. To be
// made and used on one thread, the engine's.
class Watchdog {
 public:
  using SteadyClock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kPatience{50};

  explicit Watchdog(std::chrono::milliseconds budget);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // For the calls that begin from now on.
  void set_budget(std::chrono::milliseconds budget);

  struct Outcome {
    int status;        // As of lua::Vm::call.
    std::string stop;  // How it was stopped, with place and traceback; empty if it was not.
    bool by_force;     // It could not clear up: what it holds may be in disorder.
  };
  // lua::Vm::call within the budget. Time spent in calls below, of other scripts or the same, does
  // not count. A script that was stopped may still have ended well, if it kept the error.
  Outcome call(lua::Vm& vm, int arguments, int results, int handler);

 private:
  // One `call` that is under way.
  struct Watch {
    lua::Vm& vm;
    Watch* outer;
    uint64_t number;                   // Of the outermost call.
    SteadyClock::time_point deadline;  // The next one, once it was tried.
    int tries = 0;                     // To stop it.
  };

  void watch(Watch* innermost);
  static void on_signal(int, siginfo_t* info, void*);
  void interrupt();
  // The thread.
  void run();
  void sleep_until(SteadyClock::time_point deadline);
  SteadyClock::duration processor_time() const;
  // What the outermost call has left, at least, of its budget of processor time.
  SteadyClock::duration unused();

  // Constant after construction.
  const pthread_t engine_thread_;
  // Engine thread only, its signal handler included.
  uint64_t calls_ = 0;
  std::string reason_;
  std::atomic<Watch*> innermost_{nullptr};
  // The watching thread only: when it saw the call of that number first.
  uint64_t seen_ = 0;
  SteadyClock::duration processor_time_then_{};
  // Both threads.
  std::atomic<std::chrono::milliseconds> budget_;
  std::atomic<uint64_t> number_{0};
  std::atomic<SteadyClock::duration> deadline_{SteadyClock::duration::max()};
  std::atomic<bool> asleep_{false};
  std::atomic<bool> quit_{false};
  std::counting_semaphore<> wake_{0};
  std::thread thread_;
};

}  // namespace engine
