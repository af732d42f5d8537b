#pragma once

#include <string>

#include "core/mqtt/broker_url.h"

namespace engine {

// Why a connection did not come about, in one line that says what to check.

// The broker answered the CONNECT with this code (3.1.1: 1-5; MQTT 5: 128 and up).
std::string explain_refusal(int code);
// Why the broker is not reached: looks up the host and tries its port, which may take a second or
// two, so not on the engine thread.
std::string explain_unreachable(const BrokerUrl& url);
// The MQTT 5 reason code in words, with its number.
std::string reason_text(int code);

}  // namespace engine
