#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/config/config.h"
#include "core/config/environment.h"

namespace engine {

// A value from the command line: `--set mqtt.version=5`, or an option that stands for a key.
struct Setting {
  std::string option;  // For messages: `--set`, `--broker`.
  std::string key;
  std::string value;  // TOML; anything that is not TOML, and any value of a text key, is text.
};

struct ConfigSources {
  std::optional<std::filesystem::path> file;
  std::vector<Setting> settings;  // They win over the file, later ones over earlier ones.
  Environment environment;
};

// Everything that is wrong, one message each: `config/engine.toml:14:8: broker.port: 99999 is not a
// port (1-65535)`. A file with a TOML syntax error has only that one.
using ConfigErrors = std::vector<Error>;

tl::expected<Config, ConfigErrors> load_config(const ConfigSources& sources);

// The annotated configuration with all defaults: what config/engine.toml holds.
std::string config_reference();

}  // namespace engine
