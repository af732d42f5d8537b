#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/app/command_line.h"
#include "core/config/config.h"
#include "core/drivers/media/mpv_media.h"

namespace engine {

// What scripts see as `config`: {site, prefix, simulate, simulation = {...}, mqtt = {...},
// services = {...}, scene = {...}, values}.
nlohmann::json script_config(const Config& config);

// The files that were named, in the order in which they are loaded.
std::vector<std::string> named_scripts(const Config& config, const CommandLine& line);

// The folders of which every script runs.
std::vector<std::filesystem::path> watched_folders(const Config& config, const CommandLine& line);

// The media driver's settings; media are also looked for in the folder `media` beside each scene.
MediaOptions media_options(const Config& config, const CommandLine& line);

}  // namespace engine
