#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// The candidate that a typing error turned into `word`, if one is near enough (edit distance at
// most a third of its length): for "unknown key 'brokr', did you mean 'broker'?".
std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates);

}  // namespace engine
