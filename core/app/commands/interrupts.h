#pragma once

#include <csignal>

#include "core/base/clock.h"

namespace engine {

// Ctrl-C and SIGTERM for a command that has no loop: they are kept until they are asked for. To be
// made before other threads are.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // Waits, at most so long; true as soon as one has come, and from then on.
  bool wait(Duration at_most = Duration::zero());

 private:
  sigset_t signals_;
  sigset_t before_;
  bool came_ = false;
};

}  // namespace engine
