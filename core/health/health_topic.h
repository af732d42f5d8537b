#pragma once

#include <string>

#include "core/bus/bus.h"
#include "core/health/health.h"

namespace engine {

// The health report on `<prefix>/health`, retained, QoS 1: with each connection and then from time
// to time. Engine thread only.
class HealthTopic {
 public:
  // `interval` 0: never.
  HealthTopic(Health& health, Bus& bus, Timers& timers, const std::string& prefix,
              Duration interval);
  ~HealthTopic();
  HealthTopic(const HealthTopic&) = delete;
  HealthTopic& operator=(const HealthTopic&) = delete;

 private:
  void publish();

  Health& health_;
  Bus& bus_;
  Timers& timers_;
  const std::string topic_;
  Handle connected_;
  TimerId timer_;
};

}  // namespace engine
