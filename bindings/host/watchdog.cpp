#include "bindings/host/watchdog.h"

#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
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
    : engine_thread_(::pthread_self()), reason_(reason_of(budget)), budget_(budget) {
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
  Watch own{.vm = vm,
            .outer = outer,
            .number = outer ? outer->number : ++calls_,
            .deadline = began + budget_.load(std::memory_order_relaxed)};
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
  if (innermost) number_.store(innermost->number, std::memory_order_relaxed);
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
    const SteadyClock::duration rest = unused();
    if (SteadyClock::now() < deadline) {
      sleep_until(deadline);
      continue;
    }
    if (rest > SteadyClock::duration::zero()) {
      wake_.try_acquire_for(std::max<SteadyClock::duration>(rest, kBetweenSignals));
      continue;
    }
    ::pthread_sigqueue(engine_thread_, stop_signal(), {.sival_ptr = this});
    wake_.try_acquire_for(kBetweenSignals);
  }
}

Watchdog::SteadyClock::duration Watchdog::processor_time() const {
  clockid_t clock;
  timespec time{};
  if (::pthread_getcpuclockid(engine_thread_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) {
    return SteadyClock::now().time_since_epoch();
  }
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

Watchdog::SteadyClock::duration Watchdog::unused() {
  const uint64_t number = number_.load(std::memory_order_relaxed);
  const auto now = processor_time();
  if (std::exchange(seen_, number) != number) processor_time_then_ = now;
  return budget_.load(std::memory_order_relaxed) - (now - processor_time_then_);
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
