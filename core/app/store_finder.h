#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/config/environment.h"

namespace engine {

// What the user has said of the site whose store a command reads.
struct SiteChoice {
  std::string state;   // As --state of the engine.
  std::string site;    // Its name.
  std::string config;  // Its configuration, in which the name stands.
};

// Its store.sqlite: of the site that was named, or whose configuration was, or lies in the current
// folder; else of the only one under the state folder. With several it names them; with none it
// says what to do.
Result<std::filesystem::path> find_store(const SiteChoice& choice, const Environment& environment);

}  // namespace engine
