#pragma once

#include <string>

#include "bindings/host/script.h"
#include "core/base/result.h"

namespace engine {

// Runs code in the environment of a running script, as if it stood in one of its callbacks: an
// expression, or statements with an optional `return`. Returns the values as text, tables as JSON,
// separated by tabs; fails with Lua's message. What the code raises is no fault of the script's.
Result<std::string> evaluate(Script& script, const std::string& code);

}  // namespace engine
