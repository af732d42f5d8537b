#pragma once

#include <string>

#include "bindings/rehearsal/check/lua_tokens.h"

namespace engine::checking {

// Something that is wrong with a file, or may be.
struct Finding {
  enum class Severity { error, warning };
  std::string file;
  Position at;
  Severity severity = Severity::error;
  std::string code;  // One word for the kind of finding: docs/checking.md lists them.
  std::string message;
};

}  // namespace engine::checking
