#include "core/mqtt/short_naps.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <future>

#include "tests/support/catch.h"

using namespace std::chrono_literals;
using engine::ShortNaps;

namespace {

// The shortest of a few, so that a busy machine does not matter.
std::chrono::steady_clock::duration nap() {
  auto shortest = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 5; ++i) {
    const auto began = std::chrono::steady_clock::now();
    ::usleep(100'000);
    shortest = std::min(shortest, std::chrono::steady_clock::now() - began);
    if (shortest < 90ms) break;
  }
  return shortest;
}

std::chrono::steady_clock::duration nap_in(const char* thread) {
  return std::async(std::launch::async,
                    [&] {
                      ::pthread_setname_np(::pthread_self(), thread);
                      return nap();
                    })
      .get();
}

}  // namespace

TEST_CASE("short naps: while a connection is made, the library's receive thread naps shortly") {
  {
    const ShortNaps outer;
    { const ShortNaps inner; }
    CHECK(nap_in("MQTTAsync_rcv") < 90ms);
    CHECK(nap_in("MQTTAsync_send") >= 100ms);
  }
  CHECK(nap_in("MQTTAsync_rcv") >= 100ms);
}
