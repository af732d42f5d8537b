#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

// Topic names and topic filters as MQTT 5.0 section 4.7 has them (3.1.1 is the same).
namespace engine::topic {

// At least one and at most 65535 bytes of UTF-8, no NUL, no wildcard.
Result<void> check_name(std::string_view name);
// As a name, with `+` only as a whole level and `#` only as the whole last level.
Result<void> check_filter(std::string_view filter);

// Both must be valid. A leading wildcard never matches a name that begins with `$`.
bool matches(std::string_view filter, std::string_view name);

// `a//b` has three levels, the middle one empty.
std::vector<std::string_view> levels(std::string_view topic);
// Calls `visit(level)` for each level until it returns false.
template <typename Visit>
void each_level(std::string_view topic, Visit visit) {
  for (size_t begin = 0;;) {
    const size_t end = topic.find('/', begin);
    if (!visit(topic.substr(begin, end == topic.npos ? topic.npos : end - begin))) return;
    if (end == topic.npos) return;
    begin = end + 1;
  }
}

// What stood in place of each `+` and of the `#` of `filter` (which matches `name`), in order.
std::vector<std::string_view> captures(std::string_view filter, std::string_view name);

// All levels but the last; empty for a topic of one level.
std::string_view parent(std::string_view name);
std::string_view last_level(std::string_view name);

// Any text as one level: what cannot stand in one becomes `_`.
std::string as_level(std::string text);

}  // namespace engine::topic
