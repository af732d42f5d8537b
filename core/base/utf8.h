#pragma once

#include <string>
#include <string_view>

namespace engine {

// Well-formed by Unicode's table 3-7: no overlong forms, no surrogates, nothing over U+10FFFF.
bool is_utf8(std::string_view bytes);

// For log lines: at most `limit` bytes, on one line; bytes that are not printable UTF-8 become
// \xNN, and what was cut is counted.
std::string printable(std::string_view bytes, size_t limit = 200);

}  // namespace engine
