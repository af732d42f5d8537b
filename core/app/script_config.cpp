#include "core/app/script_config.h"

#include <algorithm>
#include <system_error>

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

// The virtual devices that the folders of the scenes bring along (`simulate.lua`), else those that
// answer any command.
std::vector<std::string> simulations(const Config& config, const CommandLine& line) {
  std::vector<std::string> paths;
  for (const auto& folder : script_folders(config, line)) {
    std::string path = (folder / "simulate.lua").string();
    std::error_code error;
    const bool is_new = std::find(paths.begin(), paths.end(), path) == paths.end();
    if (is_new && std::filesystem::is_regular_file(path, error)) paths.push_back(std::move(path));
  }
  if (paths.empty()) paths.push_back((library_folder() / "engine" / "simulate.lua").string());
  return paths;
}

nlohmann::json service_rules(const Config::ServiceRules& rules) {
  return {{"namespace", rules.name_space},
          {"heartbeat_interval", to_seconds(rules.heartbeat_interval)},
          {"heartbeat_timeout", to_seconds(rules.heartbeat_timeout)},
          {"dependency_timeout", to_seconds(rules.dependency_timeout)},
          {"command_timeout", to_seconds(rules.command_timeout)},
          {"max_message_age", to_seconds(rules.max_message_age)}};
}

}  // namespace

nlohmann::json script_config(const Config& config) {
  const Config::Simulate& simulate = config.simulate;
  return {{"site", config.site},
          {"prefix", config.prefix},
          {"simulate", simulate.enabled},
          {"simulation",
           {{"delay", {to_seconds(simulate.delay_min), to_seconds(simulate.delay_max)}},
            {"failure", simulate.failure_probability},
            {"devices", simulate.devices}}},
          {"mqtt", {{"version", config.mqtt.version == Config::MqttVersion::v5 ? "5" : "3.1.1"}}},
          {"services", service_rules(config.services)},
          {"scene", {{"go_debounce", to_seconds(config.scene.go_debounce)}}},
          {"values", config.values}};
}

std::vector<std::string> named_scripts(const Config& config, const CommandLine& line) {
  std::vector<std::string> paths;
  if (config.simulate.enabled) paths = simulations(config, line);
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
