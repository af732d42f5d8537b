#include "core/web/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "core/base/utf8.h"

namespace engine::web {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> decoded(std::string_view text, bool plus_is_space) {
  std::string result;
  for (size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (c == '%') {
      const int high = at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
      const int low = at + 2 < text.size() ? hex_digit(text[at + 2]) : -1;
      if (high < 0 || low < 0) return fail(fmt::format("'{}': bad %XX", printable(text)));
      c = static_cast<char>(16 * high + low);
      at += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    result += c;
  }
  const bool steers = std::any_of(result.begin(), result.end(),
                                  [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (steers || !is_utf8(result)) {
    return fail(fmt::format("'{}': is not printable UTF-8", printable(text)));
  }
  return result;
}

// Calls `take` with each part of `text` between separators; stops at the first failure.
template <typename Take>
Result<void> split(std::string_view text, char separator, Take take) {
  while (true) {
    const size_t end = std::min(text.find(separator), text.size());
    if (auto taken = take(text.substr(0, end)); !taken) return taken;
    if (end == text.size()) return {};
    text.remove_prefix(end + 1);
  }
}

}  // namespace

Result<void> read_target(std::string_view target, Request& request) {
  if (target.empty() || target[0] != '/') {
    return fail(fmt::format("'{}': is not an absolute path", printable(target)));
  }
  target = target.substr(0, target.find('#'));
  const size_t mark = std::min(target.find('?'), target.size());
  const auto add_segment = [&](std::string_view part) -> Result<void> {
    auto segment = decoded(part, false);
    if (!segment) return tl::unexpected(segment.error());
    request.path.push_back(std::move(*segment));
    return {};
  };
  auto path = split(target.substr(1, mark - 1), '/', add_segment);
  if (!path || mark == target.size()) return path;

  const auto add_value = [&](std::string_view part) -> Result<void> {
    if (part.empty()) return {};
    const size_t equals = std::min(part.find('='), part.size());
    const auto name = decoded(part.substr(0, equals), true);
    if (!name) return tl::unexpected(name.error());
    const auto value = decoded(part.substr(std::min(equals + 1, part.size())), true);
    if (!value) return tl::unexpected(value.error());
    request.query[*name] = *value;
    return {};
  };
  return split(target.substr(mark + 1), '&', add_value);
}

std::string percent_encoded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte < 0x80 && std::isalnum(byte)) ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    result += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return result;
}

}  // namespace engine::web
