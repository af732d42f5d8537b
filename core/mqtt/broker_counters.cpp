#include "core/mqtt/broker_counters.h"

#include <cmath>
#include <cstdlib>

#include "core/base/utf8.h"

namespace engine {
namespace {

constexpr const char* kRoot = "$SYS/broker/";
constexpr const char* kVersion = "version";  // `mosquitto version 2.0.11`

struct Counter {
  const char* topic;
  const char* field;
  double scale = 1;
};
constexpr Counter kCounters[] = {
    {"uptime", "uptime"},  // `123 seconds`
    {"clients/connected", "clients"},
    {"clients/maximum", "clients_most"},
    {"load/messages/received/1min", "received_per_second", 1.0 / 60},
    {"load/messages/sent/1min", "sent_per_second", 1.0 / 60},
    {"publish/messages/dropped", "dropped"},
    {"heap/current", "memory"},
    {"heap/maximum", "memory_most"},
    {"retained messages/count", "retained"},
    {"subscriptions/count", "subscriptions"},
};

}  // namespace

BrokerCounters::BrokerCounters(Bus& bus) : bus_(bus) {
  for (const Counter& counter : kCounters) {
    subscriptions_.push_back(
        bus_.subscribe(std::string(kRoot) + counter.topic, 0, [this, &counter](const Message& m) {
          const double value = std::strtod(m.payload.c_str(), nullptr) * counter.scale;
          if (std::isfinite(value)) numbers_[counter.field] = std::round(value * 100) / 100;
        }));
  }
  subscriptions_.push_back(
      bus_.subscribe(std::string(kRoot) + kVersion, 0,
                     [this](const Message& m) { version_ = printable(m.payload); }));
}

BrokerCounters::~BrokerCounters() {
  for (const SubscriptionId id : subscriptions_) bus_.unsubscribe(id);
}

nlohmann::json BrokerCounters::report() const {
  nlohmann::json report = nlohmann::json::object();
  if (!version_.empty()) report["version"] = version_;
  for (const auto& [field, value] : numbers_) report[field] = value;
  return report;
}

}  // namespace engine
