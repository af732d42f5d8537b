#include "core/health/status_topic.h"

#include <utility>

namespace engine {

StatusTopic::StatusTopic(Bus& bus, Logs& logs, std::string topic, bool will_tells)
    : bus_(bus), topic_(std::move(topic)), will_tells_(will_tells) {
  if (!will_tells_) {
    logs.get("mqtt").warn(
        "{} is not published: a connection has one last will, and mqtt.will has it; without that "
        "nobody would say offline",
        topic_);
  }
  connected_ = bus_.on_connection.connect([this](bool up) {
    // Without a will, what an earlier run may have left is taken away.
    if (up) publish(will_tells_ ? "online" : "");
  });
}

StatusTopic::~StatusTopic() { bus_.on_connection.disconnect(connected_); }

void StatusTopic::say_offline() {
  if (will_tells_ && bus_.connected()) publish("offline");
}

void StatusTopic::publish(const std::string& payload) {
  bus_.publish({.message = {.topic = topic_, .payload = payload, .qos = 1, .retain = true}});
}

}  // namespace engine
