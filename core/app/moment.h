#pragma once

#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace engine {

// A time as people write it on a command line, in unix seconds: `2026-11-25`, `2026-11-25 18:30`,
// `2026-11-25T18:30:05` (this machine's time zone, or UTC with a Z at the end), `90s`, `15m`, `24h`
// or `7d` before `now`, or unix seconds as they are.
Result<double> parse_moment(std::string_view text, WallTime now);

// `2026-11-25T18:30:05.250Z`
std::string utc_text(double unix_seconds);

}  // namespace engine
