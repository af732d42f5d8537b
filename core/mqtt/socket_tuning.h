#pragma once

#include <cstdint>

namespace engine {

// What the MQTT library has no way to ask for, on this process's TCP connections to `port`:
// TCP_NODELAY, or a cue that follows another waits up to 40 ms for the acknowledgement of the
// first; and a large send buffer, because the library goes on with a write that did not fit up to a
// second later. Any thread.
void tune_sockets(uint16_t port);

}  // namespace engine
