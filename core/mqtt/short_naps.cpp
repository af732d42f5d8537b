#include "core/mqtt/short_naps.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <string_view>

namespace {

constexpr useconds_t kNap = 100'000;  // MQTTAsync_sleep(100) in paho's MQTTAsync_cycle.
constexpr useconds_t kShortNap = 1'000;

std::atomic<int> wanted_short = 0;

// Others wait for that long too, and count how often.
bool is_receive_thread() {
  char name[16] = "";
  return ::pthread_getname_np(::pthread_self(), name, sizeof name) == 0 &&
         std::string_view(name) == "MQTTAsync_rcv";
}

}  // namespace

// The library offers no way to set its nap, so the program has the function that it naps with. For
// all other durations, and at all other times, it is what the C library has.
extern "C" int usleep(useconds_t duration) {
  const bool is_short = duration == kNap && wanted_short > 0 && is_receive_thread();
  const useconds_t actual = is_short ? kShortNap : duration;
  const timespec time{.tv_sec = actual / 1'000'000, .tv_nsec = 1000L * (actual % 1'000'000)};
  return ::nanosleep(&time, nullptr);
}

namespace engine {

ShortNaps::ShortNaps() { ++wanted_short; }
ShortNaps::~ShortNaps() { --wanted_short; }

}  // namespace engine
