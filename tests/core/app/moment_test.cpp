#include "core/app/moment.h"

#include <cstdlib>
#include <ctime>

#include "tests/support/catch.h"

using namespace engine;

namespace {

constexpr double kNow = 1.7e9;
const WallTime now{std::chrono::seconds{1'700'000'000}};

}  // namespace

TEST_CASE("moment: unix seconds, a time ago, and UTC") {
  CHECK(parse_moment("1700000000.25", now).value() == 1700000000.25);
  CHECK(parse_moment("90s", now).value() == kNow - 90);
  CHECK(parse_moment("15m", now).value() == kNow - 900);
  CHECK(parse_moment("1.5h", now).value() == kNow - 5400);
  CHECK(parse_moment("7d", now).value() == kNow - 604800);
  CHECK(parse_moment("2023-11-14T22:13:20Z", now).value() == kNow);
  CHECK(parse_moment("2023-11-14 22:13Z", now).value() == kNow - 20);
  CHECK(parse_moment("2023-11-14Z", now).value() == kNow - 80000);
}

TEST_CASE("moment: without Z it is this machine's time") {
  std::tm time{};
  time.tm_year = 2023 - 1900;
  time.tm_mon = 10;
  time.tm_mday = 14;
  time.tm_hour = 22;
  time.tm_isdst = -1;
  CHECK(parse_moment("2023-11-14T22:00", now).value() == static_cast<double>(std::mktime(&time)));
}

TEST_CASE("moment: anything else is refused, and says what is expected") {
  for (const char* text : {"", "d", "-5", "nan", "inf", "yesterday", "24x", "2023-02-31",
                           "2023-13-01", "2023-11-14T25:00", "2023-11-14 22:13:20 x", "Z"}) {
    INFO(text);
    const auto moment = parse_moment(text, now);
    REQUIRE_FALSE(moment);
    CHECK(moment.error().message.find("is no time: 2026-11-25") != std::string::npos);
  }
}

TEST_CASE("moment: written as UTC to the millisecond") {
  CHECK(utc_text(kNow) == "2023-11-14T22:13:20.000Z");
  CHECK(utc_text(kNow + 0.9996) == "2023-11-14T22:13:21.000Z");
  CHECK(parse_moment("2023-11-14T22:13:20Z", now).value() == kNow);
}
