#include "core/topics/topic_policies.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/base/utf8.h"
#include "core/topics/gzip.h"

namespace engine {
namespace {

constexpr Duration kBetweenWarnings = std::chrono::seconds{60};
constexpr Duration kBetweenRateWarnings = std::chrono::seconds{10};  // Where the window is shorter.
constexpr size_t kMostWindows = 1000;  // Before those that are idle are let go.

void add(TopicCounters& to, const TopicCounters& more) {
  to.published += more.published;
  to.rate_limited += more.rate_limited;
  to.over_rate += more.over_rate;
  to.too_large += more.too_large;
  to.compressed += more.compressed;
  to.bytes_saved += more.bytes_saved;
  to.decompressed += more.decompressed;
  to.not_decompressed += more.not_decompressed;
}

}  // namespace

void TopicPolicies::set(std::vector<TopicPolicy> policies, size_t most_decompressed) {
  most_decompressed_ = most_decompressed;
  least_compressed_ = SIZE_MAX;
  std::vector<Definition> former = std::exchange(definitions_, {});
  TopicTrie<size_t> places;
  for (TopicPolicy& policy : policies) {
    const std::string filter = policy.filter;
    if (places.find(filter)) continue;  // The first one counts.
    places[filter] = definitions_.size();
    least_compressed_ = std::min(least_compressed_, policy.compress_over.value_or(SIZE_MAX));
    const size_t* before = places_.find(filter);
    Definition& definition = definitions_.emplace_back();
    if (before) definition = std::move(former[*before]);
    definition.policy = std::move(policy);
  }
  places_ = std::move(places);
}

const TopicPolicy* TopicPolicies::find(std::string_view topic) {
  const Definition* definition = definition_of(topic);
  return definition ? &definition->policy : nullptr;
}

TopicPolicies::Definition* TopicPolicies::definition_of(std::string_view topic) {
  size_t first = definitions_.size();
  places_.match(topic, [&](size_t place) { first = std::min(first, place); });
  return first < definitions_.size() ? &definitions_[first] : nullptr;
}

std::optional<PublishOutcome> TopicPolicies::admit(Publication& publication) {
  const Message& message = publication.message;
  Definition* definition = definition_of(message.topic);
  if (!definition) return std::nullopt;
  const TopicPolicy& policy = definition->policy;
  if (policy.max_size != 0 && message.payload.size() > policy.max_size) {
    ++definition->counters.too_large;
    warn(*definition, kBetweenWarnings,
         fmt::format("{}: a payload of {} bytes is too large, {} are allowed: not sent",
                     printable(message.topic), message.payload.size(), policy.max_size));
    return PublishOutcome::too_large;
  }
  if (policy.rate && !within_rate(*definition, message.topic)) return PublishOutcome::rate_limited;
  ++definition->counters.published;
  if (publication.max_age == Duration::zero()) publication.max_age = policy.max_age;
  return std::nullopt;
}

SlidingWindow& TopicPolicies::window_of(Definition& definition, const std::string& topic) {
  const RateLimit& rate = *definition.policy.rate;
  if (!rate.per_topic) return definition.windows[""];
  if (definition.windows.size() > kMostWindows) {
    std::erase_if(definition.windows,
                  [&](const auto& each) { return each.second.idle(rate, clock_.now()); });
  }
  return definition.windows[topic];
}

bool TopicPolicies::within_rate(Definition& definition, const std::string& topic) {
  const TopicPolicy& policy = definition.policy;
  if (window_of(definition, topic).take(*policy.rate, clock_.now())) return true;
  const bool held_back = policy.held_back();
  ++(held_back ? definition.counters.rate_limited : definition.counters.over_rate);
  warn(definition, std::max(policy.rate->window, kBetweenRateWarnings),
       fmt::format("{}: more than {} messages in {} s{}: {}", printable(topic),
                   policy.rate->messages, to_seconds(policy.rate->window),
                   policy.rate->per_topic ? "" : " on " + printable(policy.filter),
                   held_back ? "not sent" : "sent nevertheless, these are never held back"));
  return !held_back;
}

void TopicPolicies::warn(Definition& definition, Duration period, const std::string& text) {
  const SteadyTime now = clock_.now();
  if (now < definition.quiet_until) {
    ++definition.silent;
    return;
  }
  const uint64_t silent = std::exchange(definition.silent, 0);
  definition.quiet_until = now + period;
  if (silent == 0) {
    log_.warn("{} ({})", text, definition.policy.place);
  } else {
    log_.warn("{} ({}); {} more since the last time", text, definition.policy.place, silent);
  }
}

void TopicPolicies::pack(Message& message) {
  if (message.payload.size() <= least_compressed_ || gzip::recognised(message.payload)) return;
  Definition* definition = definition_of(message.topic);
  if (!definition ||
      message.payload.size() <= definition->policy.compress_over.value_or(SIZE_MAX)) {
    return;
  }
  std::string packed = gzip::compress(message.payload);
  if (packed.size() >= message.payload.size()) return;
  ++definition->counters.compressed;
  definition->counters.bytes_saved += message.payload.size() - packed.size();
  message.payload = std::move(packed);
}

std::optional<std::string> TopicPolicies::unpack(const Message& message) {
  if (!gzip::recognised(message.payload)) return std::nullopt;
  Definition* definition = definition_of(message.topic);
  if (!definition || !definition->policy.compress_over) return std::nullopt;
  auto plain = gzip::decompress(message.payload, most_decompressed_);
  if (plain) {
    ++definition->counters.decompressed;
    return std::move(*plain);
  }
  ++definition->counters.not_decompressed;
  warn(*definition, kBetweenWarnings,
       fmt::format("{}: looks like gzip but cannot be decompressed ({}): taken as it came",
                   printable(message.topic), plain.error().message));
  return std::nullopt;
}

std::vector<TopicPolicies::Listed> TopicPolicies::list() const {
  std::vector<Listed> listed;
  for (const Definition& each : definitions_) listed.push_back({each.policy, each.counters});
  return listed;
}

TopicCounters TopicPolicies::totals() const {
  TopicCounters totals;
  for (const Definition& each : definitions_) add(totals, each.counters);
  return totals;
}

}  // namespace engine
