#include "core/feedback/feedback_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/base/utf8.h"
#include "core/base/words.h"
#include "core/bus/topic.h"

namespace engine {
namespace {

using Captures = std::vector<std::string_view>;

bool is_prefix_level(std::string_view level) { return !level.empty() && level.back() == '*'; }

bool is_wildcard(std::string_view level) {
  return level == "+" || level == "#" || is_prefix_level(level);
}

bool level_matches(std::string_view pattern, std::string_view level) {
  if (is_prefix_level(pattern)) return level.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == "+" || pattern == level;
}

// What the wildcard levels of `pattern` stand for in `name`, if it matches.
std::optional<Captures> match(std::string_view pattern, std::string_view name) {
  const auto parts = topic::levels(name);
  const auto expected = topic::levels(pattern);
  // As in any filter, a leading wildcard leaves $SYS and its like alone.
  if (name.starts_with('$') && is_wildcard(expected[0]) && !pattern.starts_with('$')) return {};
  Captures captures;
  for (size_t i = 0; i < expected.size(); ++i) {
    if (expected[i] == "#") {
      const bool rest = i < parts.size();
      captures.push_back(rest ? name.substr(static_cast<size_t>(parts[i].data() - name.data()))
                              : std::string_view{});
      return captures;
    }
    if (i >= parts.size() || !level_matches(expected[i], parts[i])) return {};
    if (is_wildcard(expected[i])) captures.push_back(parts[i]);
  }
  if (parts.size() != expected.size()) return {};
  return captures;
}

struct Piece {
  std::string_view text;
  bool placeholder;  // Stood in braces.
};

Result<std::vector<Piece>> pieces(std::string_view text) {
  std::vector<Piece> result;
  while (!text.empty()) {
    const size_t open = text.find_first_of("{}");
    if (open != 0) result.push_back({text.substr(0, open), false});
    if (open == text.npos) break;
    const size_t close = text.find_first_of("{}", open + 1);
    if (text[open] == '}' || close == text.npos || text[close] == '{') {
      return fail("a brace without its partner");
    }
    result.push_back({text.substr(open + 1, close - open - 1), true});
    text.remove_prefix(close + 1);
  }
  return result;
}

// The n of `{n}`, counted from 1.
std::optional<size_t> capture_number(std::string_view placeholder) {
  size_t number = 0;
  const char* end = placeholder.data() + placeholder.size();
  const auto [stop, error] = std::from_chars(placeholder.data(), end, number);
  if (error != std::errc{} || stop != end || number == 0) return {};
  return number;
}

std::optional<std::string_view> value_of(std::string_view placeholder, std::string_view topic,
                                         const Captures& captures) {
  if (placeholder == "topic") return topic;
  if (placeholder == "parent") {
    if (topic.find('/') == topic.npos) return {};
    return topic::parent(topic);
  }
  const auto number = capture_number(placeholder);
  if (!number || *number > captures.size()) return {};
  return captures[*number - 1];
}

std::optional<std::string> expand(std::string_view text, std::string_view topic,
                                  const Captures& captures) {
  const auto parts = pieces(text);
  if (!parts) return {};
  std::string result;
  for (const Piece& piece : *parts) {
    const auto value = piece.placeholder ? value_of(piece.text, topic, captures)
                                         : std::optional<std::string_view>(piece.text);
    if (!value) return {};
    result += *value;
  }
  if (!topic::check_name(result)) return {};
  return result;
}

Result<void> check_pattern(std::string_view pattern) {
  std::string filter(pattern);  // With a plain letter for every `*`: must be a topic filter.
  for (size_t i = 0; i < filter.size(); ++i) {
    if (filter[i] != '*') continue;
    if (i + 1 < filter.size() && filter[i + 1] != '/') {
      return fail(fmt::format("command '{}': '*' may only end a level, as in 'room*'",
                              printable(pattern, 80)));
    }
    filter[i] = 'x';
  }
  if (const auto checked = topic::check_filter(filter); !checked) {
    return fail(fmt::format("command '{}': {}", printable(pattern, 80), checked.error().message));
  }
  return {};
}

Result<void> check_placeholder(std::string_view placeholder, size_t wildcards) {
  if (placeholder == "topic" || placeholder == "parent") return {};
  const auto number = capture_number(placeholder);
  if (!number) {
    return fail(
        fmt::format("{{{}}} is unknown; there are {{topic}}, {{parent}} and {{1}}, {{2}}...",
                    printable(placeholder, 40)));
  }
  if (*number > wildcards) {
    return fail(
        fmt::format("{{{}}}, but the command pattern has {} wildcard level{} to take it from",
                    *number, wildcards, wildcards == 1 ? "" : "s"));
  }
  return {};
}

Result<void> check_feedback(const std::string& feedback, size_t wildcards) {
  const auto parts = pieces(feedback);
  if (!parts) return fail(parts.error().message);
  if (parts->size() == 1 && parts->front().placeholder && parts->front().text == "topic") {
    return fail("a command cannot be its own confirmation");
  }
  std::string sample;  // With a plain letter for every placeholder.
  for (const Piece& piece : *parts) {
    if (piece.placeholder) {
      if (auto checked = check_placeholder(piece.text, wildcards); !checked) return checked;
    }
    sample += piece.placeholder ? "x" : piece.text;
  }
  return topic::check_name(sample);
}

Result<void> check_words(const FeedbackRules& rules) {
  for (const auto* words : {&rules.success, &rules.failure}) {
    for (const std::string& word : *words) {
      if (trimmed(word).empty()) return fail("success and failure: a word must not be empty");
      if (trimmed(word).size() != word.size()) {
        return fail(
            fmt::format("success and failure: '{}' has white space around it, which is "
                        "taken off what devices say",
                        printable(word, 80)));
      }
    }
  }
  for (const std::string& word : rules.success) {
    const auto same = [&](const std::string& other) { return same_word(word, other); };
    if (std::any_of(rules.failure.begin(), rules.failure.end(), same)) {
      return fail(fmt::format("'{}' cannot mean both success and failure", printable(word, 80)));
    }
  }
  return {};
}

}  // namespace

std::vector<std::string> FeedbackRules::feedback_topics(const std::string& command_topic) const {
  for (const std::string_view level : topic::levels(command_topic)) {
    if (std::find(unconfirmed_levels.begin(), unconfirmed_levels.end(), level) !=
        unconfirmed_levels.end()) {
      return {};
    }
  }
  for (const FeedbackRule& rule : rules) {
    const auto captures = match(rule.command, command_topic);
    if (!captures) continue;
    std::vector<std::string> topics;
    for (const std::string& text : rule.feedback) {
      auto expanded = expand(text, command_topic, *captures);
      if (expanded && std::find(topics.begin(), topics.end(), *expanded) == topics.end()) {
        topics.push_back(std::move(*expanded));
      }
    }
    return topics;
  }
  return {};
}

std::optional<bool> FeedbackRules::verdict(std::string_view payload) const {
  const std::string_view said = trimmed(payload);
  const auto is = [&](const std::string& word) { return same_word(word, said); };
  if (std::any_of(success.begin(), success.end(), is)) return true;
  if (std::any_of(failure.begin(), failure.end(), is)) return false;
  return {};
}

Result<void> FeedbackRules::check() const {
  for (size_t i = 0; i < rules.size(); ++i) {
    if (const auto checked = engine::check(rules[i]); !checked) {
      return fail(fmt::format("feedback rule {}: {}", i + 1, checked.error().message));
    }
  }
  for (const std::string& level : unconfirmed_levels) {
    if (level.find_first_of("/+#*") != level.npos) {
      return fail(fmt::format("unconfirmed_levels: '{}' is not one plain level of a topic",
                              printable(level, 80)));
    }
  }
  if (timeout <= Duration::zero()) {
    return fail(fmt::format("timeout: {} s is not a positive time", to_seconds(timeout)));
  }
  return check_words(*this);
}

Result<void> check(const FeedbackRule& rule) {
  if (auto checked = check_pattern(rule.command); !checked) return checked;
  const auto levels = topic::levels(rule.command);
  const auto wildcards =
      static_cast<size_t>(std::count_if(levels.begin(), levels.end(), is_wildcard));
  for (const std::string& feedback : rule.feedback) {
    if (const auto checked = check_feedback(feedback, wildcards); !checked) {
      return fail(
          fmt::format("feedback '{}': {}", printable(feedback, 80), checked.error().message));
    }
  }
  return {};
}

}  // namespace engine
