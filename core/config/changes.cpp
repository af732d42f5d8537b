#include "core/config/changes.h"

#include "core/config/schema.h"

namespace engine {
namespace {

// The level of a logger that has none of its own changes with log.level.
bool follows_log_level(const std::string& key, const Config& before, const Config& now) {
  const std::string prefix = "log.levels.";
  if (!key.starts_with(prefix)) return false;
  const std::string logger = key.substr(prefix.size());
  return before.log.levels.count(logger) == 0 && now.log.levels.count(logger) == 0;
}

}  // namespace

std::vector<ConfigChange> config_changes(const Config& before, const Config& now) {
  std::vector<ConfigChange> changes;
  for (const config::Key& key : config::schema().keys) {
    const bool same_password =
        key.name != "mqtt.password_file" || before.mqtt.password == now.mqtt.password;
    std::string value = key.write(now);
    if (value == key.write(before) && same_password) continue;
    if (!follows_log_level(key.name, before, now)) {
      changes.push_back({key.name, std::move(value), key.live});
    }
  }
  if (before.topics.policies != now.topics.policies) {
    const size_t count = now.topics.policies.size();
    changes.push_back({"the catalogue of topics",
                       count == 1 ? "1 definition" : std::to_string(count) + " definitions", true});
  }
  return changes;
}

}  // namespace engine
