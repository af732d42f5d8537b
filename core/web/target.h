#pragma once

#include <string_view>

#include "core/base/result.h"
#include "core/web/reply.h"

namespace engine::web {

// Takes `/api/scenes/the%20ghost/jump?cue=fog` apart into `path` and `query` of the request. Fails
// on what is no absolute path, on a bad %XX, and on bytes that are not UTF-8 or hold control
// characters.
Result<void> read_target(std::string_view target, Request& request);

// The other way: one segment, or one value of a query.
std::string percent_encoded(std::string_view text);

}  // namespace engine::web
