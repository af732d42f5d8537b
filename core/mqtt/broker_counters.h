#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/bus/bus.h"

namespace engine {

// What a Mosquitto tells of itself under `$SYS/broker/`, every ten seconds. Engine thread only.
class BrokerCounters {
 public:
  explicit BrokerCounters(Bus& bus);
  ~BrokerCounters();
  BrokerCounters(const BrokerCounters&) = delete;
  BrokerCounters& operator=(const BrokerCounters&) = delete;

  // As docs/broker.md has it, what has been told so far: {version, uptime (s), clients,
  // clients_most, received_per_second, sent_per_second (messages, over the last minute), dropped,
  // memory, memory_most (bytes), retained, subscriptions}.
  nlohmann::json report() const;

 private:
  Bus& bus_;
  std::vector<SubscriptionId> subscriptions_;
  std::map<std::string, double> numbers_;  // By field.
  std::string version_;
};

}  // namespace engine
