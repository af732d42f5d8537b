#include "core/app/commands/interrupts.h"

#include <algorithm>

namespace engine {

Interrupts::Interrupts() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

Interrupts::~Interrupts() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

bool Interrupts::wait(Duration at_most) {
  const auto nanoseconds =
      std::max<int64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(at_most).count(), 0);
  const timespec timeout{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
  if (!came_) came_ = ::sigtimedwait(&signals_, nullptr, &timeout) > 0;
  return came_;
}

}  // namespace engine
