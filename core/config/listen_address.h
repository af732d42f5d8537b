#pragma once

#include <optional>
#include <string>

namespace engine {

// Where to listen: an IP address of this machine, and a port.
struct ListenAddress {
  std::string host;
  int port = 0;  // 0: any free one.
  bool loopback = false;
};

// `127.0.0.1:8080` or `[::1]:8080`; nothing for anything else, host names included.
std::optional<ListenAddress> parse_listen(const std::string& text);

}  // namespace engine
