#include "core/app/moment.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <ctime>
#include <optional>
#include <string>

#include "core/base/utf8.h"

namespace engine {
namespace {

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(value) || value < 0) return std::nullopt;
  return value;
}

std::optional<double> ago(std::string_view text, WallTime now) {
  static constexpr std::string_view kUnits = "smhd";
  static constexpr double kSeconds[] = {1, 60, 3600, 86400};
  const size_t unit = text.empty() ? kUnits.npos : kUnits.find(text.back());
  if (unit == kUnits.npos) return std::nullopt;
  const auto count = number(text.substr(0, text.size() - 1));
  if (!count) return std::nullopt;
  return std::chrono::duration<double>(now.time_since_epoch()).count() - *count * kSeconds[unit];
}

// Whether `text` is a day and a time in one of the forms, and nothing else.
bool read_date(const std::string& text, std::tm& time) {
  for (const char* format :
       {"%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"}) {
    time = {};
    const char* end = ::strptime(text.c_str(), format, &time);
    if (end && *end == '\0') return true;
  }
  return false;
}

std::optional<double> date(std::string text) {
  const bool utc = !text.empty() && text.back() == 'Z';
  if (utc) text.pop_back();
  std::tm time{};
  if (!read_date(text, time)) return std::nullopt;
  const std::tm wanted = time;
  time.tm_isdst = -1;
  const std::time_t seconds = utc ? ::timegm(&time) : ::mktime(&time);
  // 31 February would be 3 March.
  if (time.tm_mday != wanted.tm_mday || seconds < 0) return std::nullopt;
  return static_cast<double>(seconds);
}

}  // namespace

Result<double> parse_moment(std::string_view text, WallTime now) {
  if (const auto seconds = number(text)) return *seconds;
  if (const auto seconds = ago(text, now)) return *seconds;
  if (const auto seconds = date(std::string(text))) return *seconds;
  return fail(
      fmt::format("'{}' is no time: 2026-11-25, \"2026-11-25 18:30\", 24h or 7d (ago), or "
                  "unix seconds",
                  printable(text)));
}

std::string utc_text(double unix_seconds) {
  const auto milliseconds = static_cast<int64_t>(std::llround(unix_seconds * 1000));
  const std::time_t seconds = milliseconds / 1000;
  std::tm time{};
  ::gmtime_r(&seconds, &time);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &time);
  return fmt::format("{}.{:03}Z", text, milliseconds % 1000);
}

}  // namespace engine
