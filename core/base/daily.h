#pragma once

#include <optional>
#include <string_view>

#include "core/base/clock.h"

namespace engine {

struct TimeOfDay {
  int hour = 0;
  int minute = 0;
  int second = 0;
};

// "18:00" or "18:00:30", 24 hours; nullopt for anything else.
std::optional<TimeOfDay> parse_time_of_day(std::string_view text);

// The next moment after `now` at which the local clock shows `time`.
WallTime next_daily(WallTime now, TimeOfDay time);

}  // namespace engine
