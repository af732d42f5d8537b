#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"

namespace engine {

// Calls `function` of the Lua library `module` with text arguments, in a sandboxed VM of its own
// and without a runtime: for tools such as `engine import`. The function returns text, or nil and
// what is wrong.
Result<std::string> call_library(const std::vector<std::string>& library_folders,
                                 const std::string& module, const std::string& function,
                                 const std::vector<std::string>& arguments);

}  // namespace engine
