#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/bus/message.h"

namespace engine {

enum class TopicPriority { low, normal, high, critical };

struct RateLimit {
  int messages = 0;
  Duration window = {};
  bool per_topic = false;  // Else of all topics of the filter together.
  bool operator==(const RateLimit&) const = default;
};

// How the messages on some topics are sent, as a catalogue of topics defines it. What a key means
// stands in docs/topic-catalogue.md.
struct TopicPolicy {
  std::string filter;  // With its namespace.
  std::string description = {};
  int qos = 0;
  bool retain = false;
  Offline offline = Offline::drop;
  std::optional<RateLimit> rate = std::nullopt;
  size_t max_size = 0;    // Of the payload, in bytes; 0: any.
  Duration max_age = {};  // Of a message that waits; zero: any.
  TopicPriority priority = TopicPriority::normal;
  std::optional<size_t> compress_over = std::nullopt;  // Bytes; nothing: never compressed.
  std::string place = {};                              // `config/topics/mower.toml:12`

  // Alerts and what has to arrive exactly once are never held back.
  bool held_back() const { return rate && qos < 2 && priority != TopicPriority::critical; }
  bool operator==(const TopicPolicy&) const = default;
};

}  // namespace engine
