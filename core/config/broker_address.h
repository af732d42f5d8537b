#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace engine {

// Brings a broker's address into the form `scheme://host:port` with scheme tcp, ssl, ws or wss.
// Accepts `mqtt` for tcp and `mqtts` for ssl, a missing scheme (tcp), a missing port (1883, 8883,
// 80, 443), and `[::1]`. A password in it is refused, and not repeated in the message.
Result<std::string> normal_broker_address(std::string_view address);

}  // namespace engine
