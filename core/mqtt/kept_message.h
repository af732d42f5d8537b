#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/bus/message.h"

namespace engine {

// A message on its way out, with what has to outlive the engine.
struct KeptMessage {
  uint64_t id = 0;
  int64_t wall_ms = 0;  // When it was published, in milliseconds since 1970.
  Publication publication;
};

// For the memory that outlives the process: lengths and numbers in the machine's own byte order.
std::string encode(uint64_t id, int64_t wall_ms, const Publication& publication);
// Nullopt: not what `encode` has written.
std::optional<KeptMessage> decode_kept(std::string_view bytes);

}  // namespace engine
