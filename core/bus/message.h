#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/clock.h"

namespace engine {

// An application message. The payload is bytes: `0042` stays `0042`.
struct Message {
  std::string topic;
  std::string payload;
  int qos = 0;
  // Incoming: the broker stored it before we subscribed. Outgoing: the broker shall store it.
  bool retain = false;
  bool duplicate = false;

  // MQTT 5 only; empty means absent.
  std::string response_topic = {};
  std::string correlation_data = {};
  std::string content_type = {};
  std::vector<std::pair<std::string, std::string>> user_properties = {};

  // Incoming, MQTT 5: which of our subscriptions this copy is for. A broker sends a copy for each
  // filter that matches, or one for all of them; empty when it does not say (3.1.1).
  std::vector<uint32_t> subscription_ids = {};

  SteadyTime received_at{};  // Taken in the network callback; outgoing: unused.
};

// What becomes of a message that cannot be sent now.
enum class Offline {
  drop,    // Scene commands: a stale cue never fires late.
  queue,   // Data that must arrive: sent in order once the link is back.
  latest,  // States: the last of each topic is sent once the link is back.
};

struct Publication {
  Message message;
  Offline offline = Offline::drop;
  // Of a message that waits: when it is older than this it is dropped. Zero: never.
  Duration max_age = {};
  // Called once on the engine thread, never from within `publish`: true when the broker has it
  // (QoS 0: when it was written), false when it was dropped. May be empty.
  std::function<void(bool delivered)> on_delivery = {};
};

enum class PublishOutcome {
  sent,       // Handed to the broker link (or, without one, to the local subscribers).
  queued,     // Waits for the link.
  simulated,  // No connection: only subscribers in this process got it.
  dropped,    // The link cannot take it (queue full).
  // The topic's policy forbids it:
  rate_limited,
  too_large,
};

}  // namespace engine
