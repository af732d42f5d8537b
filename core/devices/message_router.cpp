#include "core/devices/message_router.h"

#include <algorithm>
#include <iterator>

#include "core/base/utf8.h"
#include "core/bus/topic.h"

namespace engine {
namespace {

constexpr int kQos = 1;

}  // namespace

MessageRouter::MessageRouter(Bus& bus, DeviceRegistry& devices, FeedbackTracker& feedback,
                             Logs& logs)
    : bus_(bus), devices_(devices), tracker_(feedback), log_(logs.get("mqtt_handler")) {
  const auto& filters = devices_.options().status_filters;
  for (size_t i = 0; i < filters.size(); ++i) {
    status_.push_back(
        bus_.subscribe(filters[i], kQos, [this, i](const Message& m) { route_status(i, m); }));
  }
  on_expect_ = tracker_.on_expect.connect([this](const std::vector<std::string>& topics) {
    for (const std::string& topic : topics) listen(topic);
    give_up_unused(topics.size());
  });
}

MessageRouter::~MessageRouter() {
  tracker_.on_expect.disconnect(on_expect_);
  for (const SubscriptionId id : status_) bus_.unsubscribe(id);
  for (const FeedbackTopic& topic : feedback_) bus_.unsubscribe(topic.subscription);
}

void MessageRouter::listen(const std::string& feedback_topic) {
  // The status filters bring those: subscribed twice, an answer would count twice.
  if (is_status_topic(feedback_topic, devices_.options().status_filters.size())) return;
  const auto known = by_topic_.find(feedback_topic);
  if (known != by_topic_.end()) {
    feedback_.splice(feedback_.begin(), feedback_, known->second);
    return;
  }
  const auto id = bus_.subscribe(feedback_topic, kQos,
                                 [this](const Message& message) { tracker_.handle(message); });
  feedback_.push_front({feedback_topic, id});
  by_topic_.emplace(feedback_topic, feedback_.begin());
}

void MessageRouter::give_up_unused(size_t spared) {
  size_t candidates = feedback_.size() - std::min(spared, feedback_.size());
  for (auto end = feedback_.end(); candidates > 0 && feedback_.size() > kMostFeedbackTopics;
       --candidates) {
    const auto oldest = std::prev(end);
    if (tracker_.is_waiting_on(oldest->topic)) {
      end = oldest;
      continue;
    }
    bus_.unsubscribe(oldest->subscription);
    by_topic_.erase(oldest->topic);
    end = feedback_.erase(oldest);
  }
}

void MessageRouter::route_status(size_t filter, const Message& message) {
  // A message that several of the filters match is brought once by each.
  if (is_status_topic(message.topic, filter)) return;
  if (devices_.handle(message)) return;
  const bool feedback = !message.retain && (tracker_.is_waiting_on(message.topic) ||
                                            tracker_.rules().verdict(message.payload));
  if (feedback) {
    tracker_.handle(message);
  } else {
    unhandled(message);
  }
}

void MessageRouter::unhandled(const Message& message) {
  if (!log_.should_log(spdlog::level::debug)) return;
  log_.debug("Unhandled message on {}: {}", printable(message.topic), printable(message.payload));
}

bool MessageRouter::is_status_topic(const std::string& topic, size_t among_first) const {
  const auto& filters = devices_.options().status_filters;
  for (size_t i = 0; i < among_first; ++i) {
    if (topic::matches(filters[i], topic)) return true;
  }
  return false;
}

}  // namespace engine
