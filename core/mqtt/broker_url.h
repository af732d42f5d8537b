#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace engine {

// Where a broker listens: `tcp://host:1883`. `mqtt://` means the same, `ssl://` and `mqtts://` are
// TLS, `ws://` and `wss://` are WebSockets and may have a path.
struct BrokerUrl {
  bool tls = false;
  bool websocket = false;
  std::string host;  // An IPv6 address without its brackets.
  uint16_t port = 0;
  std::string path;  // With its slash; WebSockets only.

  // In the one spelling that the MQTT library knows.
  std::string canonical() const;
};

// The port may be left out (1883, 8883, 80, 443). The message names the URL and the rule.
Result<BrokerUrl> parse_broker_url(std::string_view url);

}  // namespace engine
