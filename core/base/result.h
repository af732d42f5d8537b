#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace engine {

// What went wrong, in words for the user: where, the offending value, and the rule.
struct Error {
  std::string message;
};

// For what can happen in normal operation; exceptions are for start-up and from libraries.
template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string message) {
  return tl::unexpected<Error>(Error{std::move(message)});
}

}  // namespace engine
