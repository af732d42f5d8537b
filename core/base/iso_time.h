#pragma once

#include <string>

#include "core/base/clock.h"

namespace engine {

// `2026-01-31T18:00:00.123Z`
std::string iso_time(WallTime time);

}  // namespace engine
