#include "core/base/daily.h"

#include <ctime>

namespace engine {
namespace {

// Two digits at `at`, at most `most`.
std::optional<int> two_digits(std::string_view text, size_t at, int most) {
  const auto digit = [&](size_t i) {
    return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : -1;
  };
  if (at + 2 > text.size() || digit(at) < 0 || digit(at + 1) < 0) return std::nullopt;
  const int value = digit(at) * 10 + digit(at + 1);
  return value <= most ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<TimeOfDay> parse_time_of_day(std::string_view text) {
  const bool with_seconds = text.size() == 8 && text[5] == ':';
  if ((text.size() != 5 && !with_seconds) || text[2] != ':') return std::nullopt;
  const auto hour = two_digits(text, 0, 23);
  const auto minute = two_digits(text, 3, 59);
  const auto second = with_seconds ? two_digits(text, 6, 59) : 0;
  if (!hour || !minute || !second) return std::nullopt;
  return TimeOfDay{*hour, *minute, *second};
}

WallTime next_daily(WallTime now, TimeOfDay time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm local{};
  localtime_r(&seconds, &local);
  for (int day = 0;; ++day) {
    std::tm candidate{};
    candidate.tm_year = local.tm_year;
    candidate.tm_mon = local.tm_mon;
    candidate.tm_mday = local.tm_mday + day;
    candidate.tm_hour = time.hour;
    candidate.tm_min = time.minute;
    candidate.tm_sec = time.second;
    candidate.tm_isdst = -1;  // Daylight saving time is the library's affair.
    const WallTime at = std::chrono::system_clock::from_time_t(std::mktime(&candidate));
    if (at > now) return at;
  }
}

}  // namespace engine
