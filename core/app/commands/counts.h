#pragma once

#include <cstdint>
#include <string>

#include "core/base/clock.h"

namespace engine {

// 4,320,000
std::string grouped(uint64_t number);
// 1:02:03, or 2:03.
std::string clock_text(Duration time);
// 12.3 MB
std::string size_text(uint64_t bytes);

}  // namespace engine
