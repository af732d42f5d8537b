#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bindings/rehearsal/check.h"
#include "bindings/rehearsal/check/outline.h"

namespace engine::checking {

// The globals of a script as it runs; of those that are modules, their fields.
using Environment = std::map<std::string, std::optional<std::set<std::string>>>;

struct DryLoad {
  std::vector<Finding> findings;
  Environment environment;  // Empty if it does not compile.
  std::vector<SceneInfo> scenes;
};

// Compiles and runs the main chunk. What fails is left out of the source, where it can be, and the
// rest tried again: so there is more than the first error.
DryLoad dry_load(const std::string& path, const std::string& source, const CheckOptions& options);

// Compiles only.
std::vector<Finding> check_syntax(const std::string& path, const std::string& source);

}  // namespace engine::checking
