#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "core/config/changes.h"

namespace engine::test {

// `mqtt.keepalive = 10` for each key that differs from its default. Never the password.
inline std::vector<std::string> changed_keys(const Config& config) {
  Config defaults;
  defaults.mqtt.client_id = "engine_" + config.site;
  defaults.prefix = "engine/" + config.site;
  std::vector<std::string> lines;
  for (const ConfigChange& change : config_changes(defaults, config)) {
    lines.push_back(fmt::format("{} = {}", change.key, change.value));
  }
  return lines;
}

}  // namespace engine::test
