#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

// Payloads in gzip's format (RFC 1952), which begin with its magic, 1f 8b.
namespace engine::gzip {

bool recognised(std::string_view bytes);

std::string compress(std::string_view bytes);

// Fails on what is damaged, cut short or followed by anything else, and as soon as there are more
// than `most` bytes: no more than those are ever held.
Result<std::string> decompress(std::string_view bytes, size_t most);

}  // namespace engine::gzip
