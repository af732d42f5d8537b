#pragma once

#include <cstdint>

namespace engine {

// Sends small packets at once on this process's TCP connections to `port` (TCP_NODELAY). The MQTT
// library has no way to ask for it, and a cue that follows another would wait up to 40 ms for the
// acknowledgement of the first. Any thread.
void set_no_delay(uint16_t port);

}  // namespace engine
