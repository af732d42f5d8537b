#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/config/config.h"
#include "core/config/environment.h"

namespace engine::config {

// What follows from several keys, or from files and the environment: the client id, the password,
// and checks of keys that belong together. `places` says where each key was set.
void finish(Config& config, const std::map<std::string, std::string>& places,
            const Environment& environment, std::vector<Error>& errors);

}  // namespace engine::config
