#pragma once

#include <string>

#include "core/base/logging.h"
#include "core/bus/bus.h"

namespace engine {

// Whether the engine is there: `online` or `offline` on `<prefix>/status`, retained, QoS 1. That it
// has died is the broker's to say, by the last will of the connection; where the user's own will
// has that place nothing is published, rather than an `online` that stays. Engine thread only.
class StatusTopic {
 public:
  // `will_tells`: the connection's last will is `offline` on this topic. Logs to `mqtt`.
  StatusTopic(Bus& bus, Logs& logs, std::string topic, bool will_tells);
  ~StatusTopic();
  StatusTopic(const StatusTopic&) = delete;
  StatusTopic& operator=(const StatusTopic&) = delete;

  // Before an orderly end, for which a broker publishes no will.
  void say_offline();

 private:
  void publish(const std::string& payload);

  Bus& bus_;
  const std::string topic_;
  const bool will_tells_;
  Handle connected_;
};

}  // namespace engine
