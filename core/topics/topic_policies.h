#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/logging.h"
#include "core/bus/topic_trie.h"
#include "core/topics/sliding_window.h"
#include "core/topics/topic_policy.h"

namespace engine {

// Since the start, by definition.
struct TopicCounters {
  uint64_t published = 0;     // That were let through.
  uint64_t rate_limited = 0;  // Refused.
  uint64_t over_rate = 0;     // Let through although over the rate: critical ones and QoS 2.
  uint64_t too_large = 0;     // Refused.
  uint64_t compressed = 0;
  uint64_t bytes_saved = 0;
  uint64_t decompressed = 0;
  uint64_t not_decompressed = 0;  // Damaged, or too large.
};

// The catalogue of topics at work: finds the policy of a topic, keeps its limits and compresses.
// Definitions come first-come; a filter is one definition. Logs to `mqtt`. Engine thread only.
class TopicPolicies {
 public:
  TopicPolicies(const Clock& clock, Logs& logs) : clock_(clock), log_(logs.get("mqtt")) {}
  TopicPolicies(const TopicPolicies&) = delete;
  TopicPolicies& operator=(const TopicPolicies&) = delete;

  // Replaces the catalogue. Counters, and how much of a rate is used up, stay with their filter.
  void set(std::vector<TopicPolicy> policies, size_t most_decompressed);

  // The first definition that matches; null if the catalogue does not know the topic. Valid until
  // the next `set`.
  const TopicPolicy* find(std::string_view topic);

  // What forbids it, if anything: `rate_limited` or `too_large`. Else it is counted, and takes over
  // the policy's `max_age`.
  std::optional<PublishOutcome> admit(Publication& publication);

  // Compresses the payload of a message that leaves, where its policy says so and it gets smaller.
  void pack(Message& message);
  // The payload of a message that came in compressed, on a topic whose policy compresses; nothing
  // where there is nothing to do or it cannot be done: then it is taken as it came.
  std::optional<std::string> unpack(const Message& message);

  struct Listed {
    const TopicPolicy& policy;
    const TopicCounters& counters;
  };
  std::vector<Listed> list() const;
  TopicCounters totals() const;

 private:
  struct Definition {
    TopicPolicy policy;
    TopicCounters counters = {};
    std::unordered_map<std::string, SlidingWindow> windows = {};  // By topic, or one for all.
    // When it may be warned of again, and how many have been passed over in silence.
    SteadyTime quiet_until = SteadyTime::min();
    uint64_t silent = 0;
  };
  Definition* definition_of(std::string_view topic);
  SlidingWindow& window_of(Definition& definition, const std::string& topic);
  bool within_rate(Definition& definition, const std::string& topic);
  // At most once per `period` for each definition.
  void warn(Definition& definition, Duration period, const std::string& text);

  const Clock& clock_;
  spdlog::logger& log_;
  std::vector<Definition> definitions_;
  TopicTrie<size_t> places_;  // Filter to its place among the definitions.
  size_t least_compressed_ = SIZE_MAX;
  size_t most_decompressed_ = 0;
};

}  // namespace engine
