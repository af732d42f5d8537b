#include "core/health/sampled_readings.h"

#include "core/base/loop.h"
#include "tests/support/catch.h"

using namespace engine;

TEST_CASE("sampled readings: there from the beginning, and renewed") {
  const SystemClock clock;
  Loop loop(clock, [](const std::exception& e) { FAIL(e.what()); });
  SampledReadings readings({.disk = "/"}, loop.timers(), loop.inbox());
  const WallTime first = readings.latest().time;
  CHECK_FALSE(readings.latest().hostname.empty());
  const SteadyTime end = clock.now() + std::chrono::seconds{30};
  loop.timers().every(std::chrono::milliseconds{10}, [&] {
    if (readings.latest().time != first || clock.now() > end) loop.stop();
  });
  loop.run();
  CHECK(readings.latest().time > first);
}
