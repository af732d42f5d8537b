#include "core/mqtt/backoff.h"

#include <algorithm>

namespace engine {

Duration Backoff::next() {
  const Duration high = std::min(2 * base_, longest_);
  // At the end the range is the upper half, so that the jitter stays.
  const Duration low = std::max(shortest_, std::min(base_, longest_ / 2));
  base_ = std::min(2 * base_, longest_);
  std::uniform_int_distribution<Duration::rep> between(low.count(), std::max(low, high).count());
  return Duration(between(random_));
}

}  // namespace engine
