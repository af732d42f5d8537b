#pragma once

#include <fmt/format.h>

#include <string>

#include "core/base/utf8.h"
#include "core/bus/message.h"

namespace engine {

// For the log: `room1/light: ON`.
inline std::string message_text(const Message& message) {
  return fmt::format("{}: {}", printable(message.topic), printable(message.payload));
}

}  // namespace engine
