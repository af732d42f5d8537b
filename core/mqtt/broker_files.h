#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/mqtt/broker_settings.h"

namespace engine {

// What Mosquitto is told: its configuration and its access rules, as text.

struct BrokerPorts {
  uint16_t port = 0;
  // A listener of the engine's own, on 127.0.0.1, without TLS or limit: so it cannot be shut out.
  // 0: it uses the same as everybody.
  uint16_t own = 0;
};

// Files that the configuration refers to. Empty: it has none of that kind.
struct BrokerPaths {
  std::filesystem::path persistence = {};
  std::filesystem::path passwords = {};
  std::filesystem::path access = {};
  std::filesystem::path certificate = {};
  std::filesystem::path key = {};
};

bool is_loopback(const std::string& address);
// Whether somebody has a password, the engine included.
bool has_passwords(const BrokerSettings& settings);
// Whether not everybody may do everything.
bool has_access_rules(const BrokerSettings& settings);
bool has_own_listener(const BrokerSettings& settings);

std::string mosquitto_configuration(const BrokerSettings& settings, const BrokerPorts& ports,
                                    const BrokerPaths& paths);
std::string mosquitto_access_rules(const BrokerSettings& settings);

}  // namespace engine
