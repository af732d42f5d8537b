#include "bindings/host/watchdog.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace engine {
namespace {

constexpr std::chrono::milliseconds kBetweenSignals{5};
constexpr const char* kWithoutLine = ", in compiled code or in a function of Lua's own";

// Not one that a user sends.
int stop_signal() { return SIGRTMIN + 7; }

std::string reason_of(std::chrono::milliseconds budget) {
  return fmt::format("stopped: it ran for longer than {} ms", budget.count());
}

}  // namespace

Watchdog::Watchdog(std::chrono::milliseconds budget)
    : engine_thread_(::pthread_self()), budget_(budget), reason_(reason_of(budget)) {
  struct sigaction action = {};
  action.sa_sigaction = &Watchdog::on_signal;
  // NODEFER: the handler may be left by a jump, which would leave the signal blocked.
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_NODEFER;
  if (::sigaction(stop_signal(), &action, nullptr) != 0) {
    throw std::system_error(errno, std::generic_category(), "sigaction");
  }
  thread_ = std::thread([this] { run(); });
}

Watchdog::~Watchdog() {
  quit_ = true;
  wake_.release();
  thread_.join();
}

void Watchdog::set_budget(std::chrono::milliseconds budget) {
  budget_ = budget;
  reason_ = reason_of(budget);
}

Watchdog::Outcome Watchdog::call(lua::Vm& vm, int arguments, int results, int handler) {
  const auto began = SteadyClock::now();
  Watch* const outer = innermost_.load(std::memory_order_relaxed);
  Watch own{.vm = vm, .outer = outer, .deadline = began + budget_};
  watch(&own);
  const int status = vm.call(arguments, results, handler);
  if (outer) outer->deadline += SteadyClock::now() - began;
  watch(outer);
  Outcome outcome{status, vm.end_stop(), own.tries > 1};
  if (status == lua::Vm::kAbandoned) outcome.stop = reason_ + kWithoutLine;
  return outcome;
}

void Watchdog::watch(Watch* innermost) {
  innermost_.store(innermost, std::memory_order_relaxed);
  deadline_ = innermost ? innermost->deadline.time_since_epoch() : SteadyClock::duration::max();
  if (innermost && asleep_.exchange(false)) wake_.release();
}

void Watchdog::on_signal(int, siginfo_t* info, void*) {
  if (info->si_code != SI_QUEUE || info->si_pid != ::getpid()) return;
  const int saved = errno;
  static_cast<Watchdog*>(info->si_value.sival_ptr)->interrupt();
  errno = saved;
}

void Watchdog::interrupt() {
  Watch* const watch = innermost_.load(std::memory_order_relaxed);
  const auto now = SteadyClock::now();
  if (!watch || now < watch->deadline) return;
  ++watch->tries;
  if (watch->tries > 2) return watch->vm.try_abandon();
  using Stop = lua::Vm::Stop;
  watch->vm.request_stop(reason_.c_str(), watch->tries == 1 ? Stop::once : Stop::for_all);
  watch->deadline = now + kPatience;
}

void Watchdog::run() {
  while (!quit_) {
    const SteadyClock::time_point deadline{deadline_.load()};
    if (SteadyClock::now() < deadline) {
      sleep_until(deadline);
      continue;
    }
    ::pthread_sigqueue(engine_thread_, stop_signal(), {.sival_ptr = this});
    wake_.try_acquire_for(kBetweenSignals);
  }
}

void Watchdog::sleep_until(SteadyClock::time_point deadline) {
  if (deadline.time_since_epoch() != SteadyClock::duration::max()) {
    wake_.try_acquire_until(deadline);
    return;
  }
  asleep_ = true;
  // A call that has begun meanwhile, and had not seen us asleep.
  if (deadline_.load() == SteadyClock::duration::max()) wake_.acquire();
  asleep_ = false;
}

}  // namespace engine
