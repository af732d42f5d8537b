#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/config/environment.h"
#include "core/web/client.h"

namespace engine {

// What the user has said of the engine that a command is for.
struct EngineChoice {
  std::string socket;
  std::string state;  // As --state of the engine.
  std::string site;
  std::string url;
  std::string token_file;  // With url.
};

// The one that is meant: the socket or URL that was named, else the only engine that runs under the
// state folder. With several it names them; with none it says what to do.
Result<web::Endpoint> find_engine(const EngineChoice& choice, const Environment& environment);

// Sites under the state folder whose engine answers, by name.
std::vector<std::string> running_sites(const std::filesystem::path& root);

}  // namespace engine
