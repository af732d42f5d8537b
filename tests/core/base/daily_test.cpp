#include "core/base/daily.h"

#include <cstdlib>
#include <ctime>

#include "tests/support/catch.h"

using namespace engine;
using namespace std::chrono_literals;

TEST_CASE("times of day are read strictly") {
  CHECK(parse_time_of_day("18:05")->minute == 5);
  CHECK(parse_time_of_day("00:00:30")->second == 30);
  for (const char* bad : {"", "18", "1800", "8:00", "24:00", "18:60", "18:00:60", "18:00:", "ab:cd",
                          "18:00 ", "-1:00"}) {
    INFO(bad);
    CHECK_FALSE(parse_time_of_day(bad));
  }
}

TEST_CASE("the next daily moment is today if it is still to come, else tomorrow") {
  const WallTime now = std::chrono::system_clock::from_time_t(1'700'000'000);
  const std::time_t seconds = 1'700'000'000;
  std::tm local{};
  localtime_r(&seconds, &local);
  const TimeOfDay same{local.tm_hour, local.tm_min, local.tm_sec};
  CHECK(next_daily(now - 1s, same) == now);
  CHECK(next_daily(now, same) == now + 24h);
}
