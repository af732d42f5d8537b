#pragma once

#include <string>
#include <vector>

#include "core/config/config.h"

namespace engine {

// One key that has another value now.
struct ConfigChange {
  std::string key;
  std::string value;  // As TOML. The password is never told.
  bool live = false;  // A running engine follows it; else it takes effect at the next start.
};

// In the order of the annotated file.
std::vector<ConfigChange> config_changes(const Config& before, const Config& now);

}  // namespace engine
