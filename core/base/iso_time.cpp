#include "core/base/iso_time.h"

#include <fmt/chrono.h>

namespace engine {

std::string iso_time(WallTime time) {
  const auto since = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds.count()),
                     (since - seconds).count());
}

}  // namespace engine
