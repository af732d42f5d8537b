#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/config/config.h"
#include "core/drivers/media/mpv_media.h"

namespace engine {

// What scripts see as `config`: {site, simulate, simulation = {...}, scene = {...}, values}.
nlohmann::json script_config(const Config& config);

// The media driver's settings; media are also looked for in the folder `media` beside each scene.
MediaOptions media_options(const Config& config, const std::vector<std::filesystem::path>& scenes);

}  // namespace engine
