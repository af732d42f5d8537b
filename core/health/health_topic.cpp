#include "core/health/health_topic.h"

namespace engine {

HealthTopic::HealthTopic(Health& health, Bus& bus, Timers& timers, const std::string& prefix,
                         Duration interval)
    : health_(health), bus_(bus), timers_(timers), topic_(prefix + "/health") {
  if (interval == Duration::zero()) return;
  timer_ = timers_.every(interval, [this] { publish(); });
  connected_ = bus_.on_connection.connect([this](bool up) {
    if (up) publish();
  });
}

HealthTopic::~HealthTopic() {
  bus_.on_connection.disconnect(connected_);
  timers_.cancel(timer_);
}

void HealthTopic::publish() {
  if (!bus_.connected()) return;
  const std::string report =
      health_.report().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  bus_.publish({.message = {.topic = topic_, .payload = report, .qos = 1, .retain = true}});
}

}  // namespace engine
