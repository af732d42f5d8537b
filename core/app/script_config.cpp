#include "core/app/script_config.h"

#include <algorithm>

namespace engine {

nlohmann::json script_config(const Config& config) {
  const Config::Simulate& simulate = config.simulate;
  return {{"site", config.site},
          {"simulate", simulate.enabled},
          {"simulation",
           {{"delay", {to_seconds(simulate.delay_min), to_seconds(simulate.delay_max)}},
            {"failure", simulate.failure_probability},
            {"devices", simulate.devices}}},
          {"scene", {{"go_debounce", to_seconds(config.scene.go_debounce)}}},
          {"values", config.values}};
}

MediaOptions media_options(const Config& config, const std::vector<std::filesystem::path>& scenes) {
  MediaOptions options;
  options.folders = config.media.folders;
  std::vector<std::filesystem::path> scripts = config.scripts.files;
  scripts.insert(scripts.end(), scenes.begin(), scenes.end());
  for (const auto& script : scripts) {
    for (const auto& folder : {script.parent_path() / "media", script.parent_path()}) {
      const auto known = std::find(options.folders.begin(), options.folders.end(), folder);
      if (known == options.folders.end()) options.folders.push_back(folder);
    }
  }
  options.audio_output = config.media.audio;
  options.video_output = config.media.video;
  options.fullscreen = config.media.fullscreen;
  options.default_volume = config.media.default_volume;
  return options;
}

}  // namespace engine
