#pragma once

#include <cstdint>
#include <random>

#include "core/base/clock.h"

namespace engine {

// How long to wait between tries: between d and 2d, where d doubles with each one from `shortest`;
// never more than `longest`. The jitter keeps a house full of engines from knocking at once.
class Backoff {
 public:
  Backoff(Duration shortest, Duration longest, uint32_t seed)
      : shortest_(shortest), longest_(longest), base_(shortest), random_(seed) {}

  Duration next();
  void reset() { base_ = shortest_; }

 private:
  // Constant after construction.
  const Duration shortest_;
  const Duration longest_;

  Duration base_;
  std::mt19937 random_;
};

}  // namespace engine
