#include "core/config/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "core/base/nearest.h"
#include "core/base/utf8.h"
#include "core/bus/topic.h"
#include "core/config/broker_address.h"
#include "core/config/listen_address.h"

namespace engine::config {
namespace {

bool is_word_character(unsigned char c) {
  return c < 0x80 && (std::isalnum(c) || c == '_' || c == '-' || c == '.');
}

size_t wildcards(const std::string& command) {
  const auto levels = topic::levels(command);
  return static_cast<size_t>(std::count_if(levels.begin(), levels.end(), [](auto level) {
    return level == "+" || level == "#" || (!level.empty() && level.back() == '*');
  }));
}

// A `*` may only end a level: elsewhere it would silently match nothing.
Result<std::string> check_command_filter(std::string filter) {
  if (auto valid = topic::check_filter(filter); !valid) return tl::unexpected(valid.error());
  for (const auto level : topic::levels(filter)) {
    if (level.find('*') < level.size() - 1) {
      return fail(fmt::format("'{}': a * stands only at the end of a level", printable(filter)));
    }
  }
  return filter;
}

// `{1}/status`, where the command filter has `captures` wildcards.
Result<std::string> check_feedback_topic(std::string pattern, size_t captures) {
  std::string topic;
  for (size_t at = 0; at < pattern.size();) {
    const size_t open = pattern.find('{', at);
    topic += pattern.substr(at, open == pattern.npos ? pattern.npos : open - at);
    if (open == pattern.npos) break;
    const size_t close = pattern.find('}', open);
    if (close == pattern.npos) return fail(fmt::format("'{}': a {{ has no }}", printable(pattern)));
    const std::string name = pattern.substr(open + 1, close - open - 1);
    const bool digit = name.size() == 1 && name[0] >= '1' && name[0] <= '9';
    if (digit && static_cast<size_t>(name[0] - '0') > captures) {
      return fail(fmt::format("'{}': the command has {} wildcard level{}, so there is no {{{}}}",
                              printable(pattern), captures, captures == 1 ? "" : "s", name));
    }
    if (!digit && name != "topic" && name != "parent") {
      return fail(fmt::format("'{}': {{{}}} is none of {{1}} ... {{9}} {{topic}} {{parent}}",
                              printable(pattern), printable(name)));
    }
    topic += 'x';
    at = close + 1;
  }
  if (auto valid = topic::check_name(topic); !valid) return tl::unexpected(valid.error());
  return pattern;
}

std::optional<std::string> read_command(const toml::table& table, Reader& reader) {
  const toml::node* command = table.get("command");
  if (!command) {
    reader.refuse(table, "has no command = \"topic filter\"");
    return std::nullopt;
  }
  const Reader::Step step(reader, ".command");
  return text(check_command_filter).read(*command, reader);
}

std::optional<std::vector<std::string>> read_feedback(const toml::table& table, size_t captures,
                                                      Reader& reader) {
  const toml::node* feedback = table.get("feedback");
  if (!feedback) {
    reader.refuse(table, "has no feedback = [\"topic\", ...]");
    return std::nullopt;
  }
  const Reader::Step step(reader, ".feedback");
  const auto check = [captures](std::string p) {
    return check_feedback_topic(std::move(p), captures);
  };
  return list_of(text(check), "a list of topics").read(*feedback, reader);
}

std::optional<FeedbackRule> read_rule(const toml::node& value, Reader& reader) {
  const toml::table* table = value.as_table();
  if (!table) {
    reader.expected(value, "{ command = \"topic filter\", feedback = [\"topic\", ...] }");
    return std::nullopt;
  }
  bool known = true;
  for (const auto& [name, unused] : *table) {
    if (name == "command" || name == "feedback") continue;
    const auto meant = nearest(name.str(), {"command", "feedback"});
    reader.refuse(name.source(), fmt::format("unknown key '{}'{}", printable(name.str()),
                                             meant ? fmt::format(", did you mean '{}'?", *meant)
                                                   : "; a rule has command and feedback"));
    known = false;
  }
  auto command = read_command(*table, reader);
  auto feedback = read_feedback(*table, command ? wildcards(*command) : 9, reader);
  if (!known || !command || !feedback) return std::nullopt;
  return FeedbackRule{std::move(*command), std::move(*feedback)};
}

}  // namespace

Result<std::string> check_site(std::string site) {
  if (site.empty() || site.size() > 64 || site[0] == '.' ||
      !std::all_of(site.begin(), site.end(), is_word_character)) {
    return fail(
        fmt::format("'{}' is not a site name (1 to 64 letters, digits, _ - . and no . first)",
                    printable(site, 64)));
  }
  return site;
}

Result<std::string> check_address(std::string address) {
  if (address.empty()) return address;
  return normal_broker_address(address);
}

Result<std::string> check_listed_address(std::string address) {
  return normal_broker_address(address);
}

Result<std::string> check_topic(std::string topic) {
  if (topic.empty()) return topic;
  if (auto valid = topic::check_name(topic); !valid) return tl::unexpected(valid.error());
  return topic;
}

Result<std::string> check_namespace(std::string name) {
  if (auto valid = check_topic(name); !valid) return valid;
  if (name.ends_with('/')) return fail(fmt::format("'{}' must not end in /", printable(name)));
  return name;
}

Result<std::string> check_status_filter(std::string filter) {
  if (auto valid = topic::check_filter(filter); !valid) return tl::unexpected(valid.error());
  if (std::count(filter.begin(), filter.end(), '+') != 1 || filter.find('#') != filter.npos) {
    return fail(
        fmt::format("'{}' needs exactly one + (for the device's id) and no #", printable(filter)));
  }
  return filter;
}

Result<std::string> check_level_name(std::string level) {
  if (level.empty() || level.find_first_of("/+#") != level.npos) {
    return fail(fmt::format("'{}' is not one level of a topic", printable(level)));
  }
  return level;
}

Result<std::string> check_not_empty(std::string text) {
  if (text.empty()) return fail("is empty");
  return text;
}

Result<std::string> check_listen(std::string address) {
  if (address.empty() || parse_listen(address)) return address;
  return fail(fmt::format("'{}' is not an IP address and a port, such as 127.0.0.1:8080",
                          printable(address)));
}

Result<std::string> check_output(std::string output) {
  if (output.empty() || !std::all_of(output.begin(), output.end(), is_word_character)) {
    return fail(fmt::format("'{}' is not an output (auto, null, or one that mpv knows)",
                            printable(output, 60)));
  }
  return output;
}

Kind<FeedbackRule> feedback_rule() {
  const auto write = [](const FeedbackRule& rule) {
    std::vector<std::string> feedback;
    for (const std::string& topic : rule.feedback) feedback.push_back(quoted(topic));
    return fmt::format("{{ command = {}, feedback = {} }}", quoted(rule.command), joined(feedback));
  };
  return {read_rule, write};
}

}  // namespace engine::config
