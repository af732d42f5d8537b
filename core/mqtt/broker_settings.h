#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"

namespace engine {

// The engine's own name at the Mosquitto that it runs; nobody else may have it.
inline constexpr const char* kOwnBrokerUser = "engine";

// Somebody who may connect to it.
struct BrokerUser {
  std::string name;
  std::filesystem::path password_file = {};  // Empty: one is generated.
  std::string password = {};                 // From password_file.
  // Topic filters. With neither list: everything; with one of them, the other is empty.
  std::optional<std::vector<std::string>> read = {};
  std::optional<std::vector<std::string>> write = {};

  bool confined() const { return read || write; }
};

// How our own Mosquitto is to be; what the configuration has in [broker].
struct BrokerSettings {
  struct Tls {
    bool generate = false;  // A certificate of our own making.
    std::filesystem::path cert_file = {};
    std::filesystem::path key_file = {};
    std::filesystem::path ca_file = {};
    bool require_certificate = false;
    bool on() const { return generate || !cert_file.empty(); }
  };
  // Filters for every client, in which %u is its user's name and %c its client id.
  struct Everyone {
    std::vector<std::string> read = {};
    std::vector<std::string> write = {};
    bool empty() const { return read.empty() && write.empty(); }
  };

  bool enabled = true;
  std::string listen = "127.0.0.1";  // An IP address.
  int port = 0;                      // 0: any free one.
  int websockets_port = 0;           // 0: none.
  int max_connections = 0;           // 0: any number.
  bool allow_anonymous = false;
  std::vector<BrokerUser> users = {};
  bool persistence = true;
  Duration save_interval = std::chrono::seconds{60};
  Tls tls = {};
  Everyone everyone = {};
};

}  // namespace engine
