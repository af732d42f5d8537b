#pragma once

#include <cstdlib>
#include <functional>
#include <optional>
#include <string>

namespace engine {

// The environment variables, as an argument so that tests bring their own. Nothing for one that is
// unset or empty.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

inline Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (!value || !*value) return std::nullopt;
    return value;
  };
}

}  // namespace engine
