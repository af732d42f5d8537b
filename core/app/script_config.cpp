#include "core/app/script_config.h"

#include <algorithm>

#include "core/app/library_folder.h"

namespace engine {
namespace {

// Where the scripts are, those of the configuration first.
std::vector<std::filesystem::path> script_folders(const Config& config, const CommandLine& line) {
  std::vector<std::filesystem::path> folders;
  for (const auto* files : {&config.scripts.files, &line.scenes}) {
    for (const auto& file : *files) folders.push_back(file.parent_path());
  }
  for (const auto& folder : watched_folders(config, line)) folders.push_back(folder);
  return folders;
}

}  // namespace

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

std::vector<std::string> named_scripts(const Config& config, const CommandLine& line) {
  std::vector<std::string> paths;
  if (config.simulate.enabled) {
    paths.push_back((library_folder() / "engine" / "simulate.lua").string());
  }
  for (const auto* files : {&config.scripts.files, &line.scenes}) {
    for (const auto& file : *files) paths.push_back(file.string());
  }
  return paths;
}

std::vector<std::filesystem::path> watched_folders(const Config& config, const CommandLine& line) {
  std::vector<std::filesystem::path> folders = config.scripts.scenes;
  folders.insert(folders.end(), line.scene_folders.begin(), line.scene_folders.end());
  return folders;
}

MediaOptions media_options(const Config& config, const CommandLine& line) {
  MediaOptions options;
  options.folders = config.media.folders;
  for (const auto& home : script_folders(config, line)) {
    for (const auto& folder : {home / "media", home}) {
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
