#include "core/mqtt/short_naps.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>

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

}  // namespace

TEST_CASE(
    "short naps: the library's nap is short while a connection is made, else as long as ever") {
  {
    const ShortNaps outer;
    { const ShortNaps inner; }
    CHECK(nap() < 90ms);
  }
  CHECK(nap() >= 100ms);
}
