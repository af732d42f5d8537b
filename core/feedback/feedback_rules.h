#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace engine {

// Which confirmation a command waits for, as data ([feedback] in the configuration). The defaults
// are the museum document's.
struct FeedbackRule {
  // A topic filter in which a level may also end in `*` ("room*/#"): the commands it is for.
  std::string command;
  // Where the device may answer; empty: it does not. `{1}`, `{2}`, ... are what the wildcard levels
  // stood for (a `room*` level counts whole, `#` is all the rest), `{topic}` the command's topic,
  // `{parent}` that without its last level. Where a topic has no parent, a `{parent}` is left out.
  std::vector<std::string> feedback;
};

struct FeedbackRules {
  // First match wins.
  std::vector<FeedbackRule> rules = {
      {"room*/#", {"{1}/status", "{topic}/feedback"}},
      {"devices/+/+/#", {"devices/{1}/status", "{topic}/feedback"}},
      {"#", {"{parent}/status", "{topic}/feedback"}},
  };
  // Topics with one of these levels are never confirmed. Compared with case, as topics are.
  std::vector<std::string> unconfirmed_levels = {"audio", "video", "status", "feedback"};
  // Payloads, compared without regard to case and surrounding white space.
  std::vector<std::string> success = {"OK", "ACTIVE", "INACTIVE"};
  std::vector<std::string> failure = {"ERROR"};
  Duration timeout = std::chrono::seconds{1};

  // The topics on which a confirmation of `command_topic` may come; empty when none is expected.
  // Of rules that `check` refuses, what cannot be made sense of is left out.
  std::vector<std::string> feedback_topics(const std::string& command_topic) const;
  // True for a payload that confirms, false for one that says it failed, nullopt for any other.
  std::optional<bool> verdict(std::string_view payload) const;
  // What is wrong with these rules, for whoever wrote the configuration: names the rule, the value
  // and what is allowed.
  Result<void> check() const;
};

Result<void> check(const FeedbackRule& rule);

}  // namespace engine
