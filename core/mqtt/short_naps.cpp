#include "core/mqtt/short_naps.h"

#include <time.h>
#include <unistd.h>

#include <atomic>

namespace {

constexpr useconds_t kNap = 100'000;  // MQTTAsync_sleep(100) in paho's MQTTAsync_cycle.
constexpr useconds_t kShortNap = 1'000;

std::atomic<int> wanted_short = 0;

}  // namespace

// The library offers no way to set its nap, so the program has the function that it naps with. For
// all other durations, and at all other times, it is what the C library has.
extern "C" int usleep(useconds_t duration) {
  const useconds_t actual = duration == kNap && wanted_short > 0 ? kShortNap : duration;
  const timespec time{.tv_sec = actual / 1'000'000, .tv_nsec = 1000L * (actual % 1'000'000)};
  return ::nanosleep(&time, nullptr);
}

namespace engine {

ShortNaps::ShortNaps() { ++wanted_short; }
ShortNaps::~ShortNaps() { --wanted_short; }

}  // namespace engine
