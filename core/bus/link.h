#pragma once

#include <cstdint>
#include <string>

#include "core/bus/message.h"

namespace engine {

// What a Bus needs of a broker connection. Engine thread only; nothing here blocks.
class Link {
 public:
  virtual ~Link() = default;
  virtual bool connected() const = 0;
  // Takes a message for the broker: also while disconnected unless `publication.offline` is `drop`.
  virtual PublishOutcome publish(Publication publication) = 0;
  // Remembered, and repeated after every reconnect before anything queued is sent. A repeated call
  // subscribes again, so that the broker sends its retained messages once more. With MQTT 5, `id`
  // (1 to 268435455) comes back in Message::subscription_ids; 0: none.
  virtual void subscribe(const std::string& filter, int qos, uint32_t id = 0) = 0;
  virtual void unsubscribe(const std::string& filter) = 0;
};

}  // namespace engine
