#include "core/mqtt/backoff.h"

#include <set>

#include "tests/support/catch.h"

using namespace engine;
using namespace std::chrono_literals;

TEST_CASE("backoff doubles from a second to a minute, with jitter, and never leaves that range") {
  std::set<Duration> firsts;
  for (uint32_t seed = 0; seed < 50; ++seed) {
    Backoff backoff(1s, 60s, seed);
    Duration base = 1s;
    for (int i = 0; i < 20; ++i) {
      const Duration delay = backoff.next();
      if (i == 0) firsts.insert(delay);
      CHECK(delay >= std::min<Duration>(base, 30s));
      CHECK(delay <= std::min<Duration>(2 * base, 60s));
      base = std::min<Duration>(2 * base, 60s);
    }
  }
  CHECK(firsts.size() > 40);
}

TEST_CASE("a reset backoff begins from the shortest again") {
  Backoff backoff(1s, 60s, 1);
  for (int i = 0; i < 10; ++i) backoff.next();
  backoff.reset();
  CHECK(backoff.next() <= 2s);
}

TEST_CASE("a backoff whose range is one value has that value") {
  Backoff backoff(3s, 3s, 1);
  CHECK(backoff.next() == 3s);
  CHECK(backoff.next() == 3s);
}
