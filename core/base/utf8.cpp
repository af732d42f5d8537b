#include "core/base/utf8.h"

#include <fmt/format.h>

#include <algorithm>

namespace engine {
namespace {

// The length of the well-formed character at `at`, or 0.
size_t character_length(std::string_view s, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(s[at + i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || at + length > s.size()) return 0;
  // Only the second byte has a narrower range than 80..BF.
  const unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < low || byte(1) > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xbf) return 0;
  }
  return length;
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  const auto foreign =
      std::find_if(bytes.begin(), bytes.end(), [](char c) { return (c & 0x80) != 0; });
  for (auto at = static_cast<size_t>(foreign - bytes.begin()); at < bytes.size();) {
    const size_t length = character_length(bytes, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::string printable(std::string_view bytes, size_t limit) {
  std::string result;
  size_t at = 0;
  while (at < bytes.size() && result.size() < limit) {
    const size_t length = character_length(bytes, at);
    const auto byte = static_cast<unsigned char>(bytes[at]);
    const bool c1 = byte == 0xc2 && length == 2 && static_cast<unsigned char>(bytes[at + 1]) < 0xa0;
    if (length == 0 || byte < 0x20 || byte == 0x7f || c1) {
      result += fmt::format("\\x{:02x}", byte);
      ++at;
    } else {
      result.append(bytes, at, length);
      at += length;
    }
  }
  if (at < bytes.size()) result += fmt::format("... ({} bytes)", bytes.size());
  return result;
}

}  // namespace engine
