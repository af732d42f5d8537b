#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/base/logging.h"
#include "core/drivers/media/media_voices.h"

namespace engine {

struct VirtualMediaOptions {
  // Where files must exist; with no folder every file does.
  std::vector<std::filesystem::path> folders = {};
  std::map<std::string, Duration> durations = {};  // By file name, as commands have it.
  Duration default_duration = std::chrono::seconds{3};
  double default_volume = 0.7;
};

// Plays nothing, in the time it would take: for tests. The commands and the rules are those of
// MpvMedia.
class VirtualMedia final : public Media {
 public:
  VirtualMedia(Timers& timers, Logs& logs, VirtualMediaOptions options = {});
  ~VirtualMedia() override;

  Result<void> command(const std::string& topic, const std::string& payload) override;
  bool playing(const std::string& topic) const override;

  // Hears every command that was accepted.
  std::function<void(const std::string& topic, const std::string& payload)> on_command;
  // For what is played from now on.
  void set_duration(const std::string& file, Duration duration) {
    options_.durations[file] = duration;
  }

 private:
  VirtualMediaOptions options_;
  // Constant after construction.
  const std::unique_ptr<const MediaLibrary> library_;
  // Engine thread only.
  MediaVoices voices_;
};

}  // namespace engine
