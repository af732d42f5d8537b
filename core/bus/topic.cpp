#include "core/bus/topic.h"

#include <fmt/format.h>

#include "core/base/utf8.h"

namespace engine::topic {
namespace {

constexpr size_t kMaxLength = 65535;

std::string shown(std::string_view topic) {
  return fmt::format("'{}{}'", topic.substr(0, 80), topic.size() > 80 ? "..." : "");
}

Result<void> check_text(std::string_view topic) {
  if (topic.empty()) return fail("a topic must not be empty");
  if (topic.size() > kMaxLength) {
    return fail(fmt::format("a topic has at most {} bytes, this one {}", kMaxLength, topic.size()));
  }
  if (topic.find('\0') != topic.npos) return fail("a topic must not contain a NUL character");
  if (!is_utf8(topic)) return fail("a topic must be UTF-8 text");
  return {};
}

}  // namespace

Result<void> check_name(std::string_view name) {
  if (auto text = check_text(name); !text) return text;
  if (name.find_first_of("+#") != name.npos) {
    return fail(fmt::format("topic {} has a wildcard: only subscriptions may", shown(name)));
  }
  return {};
}

Result<void> check_filter(std::string_view filter) {
  if (auto text = check_text(filter); !text) return text;
  const auto parts = levels(filter);
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::string_view level = parts[i];
    if (level.size() > 1 && level.find_first_of("+#") != level.npos) {
      return fail(fmt::format("topic filter {}: a wildcard must stand alone in its level, not '{}'",
                              shown(filter), level.substr(0, 80)));
    }
    if (level == "#" && i + 1 != parts.size()) {
      return fail(fmt::format("topic filter {}: '#' must be the last level", shown(filter)));
    }
  }
  return {};
}

bool matches(std::string_view filter, std::string_view name) {
  if (!name.empty() && name[0] == '$' && !filter.empty() && (filter[0] == '+' || filter[0] == '#'))
    return false;
  const auto pattern = levels(filter);
  const auto parts = levels(name);
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == "#") return true;
    if (i >= parts.size()) return false;
    if (pattern[i] != "+" && pattern[i] != parts[i]) return false;
    // `a/#` matches `a` as well.
    if (i + 1 == parts.size() && i + 2 == pattern.size() && pattern[i + 1] == "#") return true;
  }
  return pattern.size() == parts.size();
}

std::vector<std::string_view> levels(std::string_view topic) {
  std::vector<std::string_view> result;
  each_level(topic, [&](std::string_view level) {
    result.push_back(level);
    return true;
  });
  return result;
}

std::vector<std::string_view> captures(std::string_view filter, std::string_view name) {
  std::vector<std::string_view> result;
  if (filter.find_first_of("+#") == filter.npos) return result;
  size_t at = 0;  // Where the current level of `name` begins; past the end when there is none.
  each_level(filter, [&](std::string_view level) {
    if (level == "#") {
      result.push_back(at <= name.size() ? name.substr(at) : std::string_view{});
      return false;
    }
    const size_t end = std::min(name.find('/', std::min(at, name.size())), name.size());
    if (level == "+") result.push_back(name.substr(at, end - at));
    at = end + 1;
    return true;
  });
  return result;
}

std::string_view parent(std::string_view name) {
  const size_t slash = name.rfind('/');
  return slash == name.npos ? std::string_view{} : name.substr(0, slash);
}

std::string_view last_level(std::string_view name) {
  const size_t slash = name.rfind('/');
  return slash == name.npos ? name : name.substr(slash + 1);
}

std::string as_level(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '+' || c == '#' || c == '/' || !c; }, '_');
  return is_utf8(text) ? text : printable(text);
}

}  // namespace engine::topic
