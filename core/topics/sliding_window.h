#pragma once

#include <deque>

#include "core/topics/topic_policy.h"

namespace engine {

// Whether a rate is kept: at most `messages` in any stretch of time as long as the window.
class SlidingWindow {
 public:
  // True, and counted, if one more at `now` keeps it. One that does not is not counted.
  bool take(const RateLimit& limit, SteadyTime now) {
    while (!taken_.empty() && now - taken_.front() >= limit.window) taken_.pop_front();
    if (taken_.size() >= static_cast<size_t>(limit.messages)) return false;
    taken_.push_back(now);
    return true;
  }

  // Whether it is as if nothing had ever been taken.
  bool idle(const RateLimit& limit, SteadyTime now) const {
    return taken_.empty() || now - taken_.back() >= limit.window;
  }

 private:
  std::deque<SteadyTime> taken_;
};

}  // namespace engine
