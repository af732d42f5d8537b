#pragma once

#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/logging.h"
#include "core/bus/bus.h"
#include "core/devices/device_registry.h"
#include "core/feedback/feedback_tracker.h"

namespace engine {

// Brings what devices say to those who keep track of it (museum document, "mqtt_message_handler"):
// presence to the registry, confirmations to the feedback tracker. Subscribes to the registry's
// status topics for good, and to each topic on which a confirmation is expected before the command
// is sent; those are kept for the next command, the least recently used being given up first.
// Only messages on these topics pass through here. Logs to mqtt_handler. Engine thread only.
class MessageRouter {
 public:
  // This many topics of confirmations are kept, more only while commands wait on them.
  static constexpr size_t kMostFeedbackTopics = 1000;

  MessageRouter(Bus& bus, DeviceRegistry& devices, FeedbackTracker& feedback, Logs& logs);
  ~MessageRouter();
  MessageRouter(const MessageRouter&) = delete;
  MessageRouter& operator=(const MessageRouter&) = delete;

  size_t feedback_subscriptions() const { return feedback_.size(); }

 private:
  struct FeedbackTopic {
    std::string topic;
    SubscriptionId subscription;
  };

  void listen(const std::string& feedback_topic);
  // Never the `spared` most recent: the command they are for is about to be sent.
  void give_up_unused(size_t spared);
  void route_status(size_t filter, const Message& message);
  void unhandled(const Message& message);
  bool is_status_topic(const std::string& topic, size_t among_first) const;

  Bus& bus_;
  DeviceRegistry& devices_;
  FeedbackTracker& tracker_;
  spdlog::logger& log_;
  std::vector<SubscriptionId> status_;
  std::list<FeedbackTopic> feedback_;  // The most recently used first.
  std::unordered_map<std::string, std::list<FeedbackTopic>::iterator> by_topic_;
  Handle on_expect_;
};

}  // namespace engine
