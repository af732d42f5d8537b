#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/logging.h"
#include "core/drivers/media/media_voices.h"
#include "core/drivers/media/private_folder.h"

namespace engine {

struct MediaOptions {
  std::vector<std::filesystem::path> folders = {};  // Searched in this order.
  // "auto" (silence, in real time, where there is no sound device), "null" or a name of mpv's --ao.
  std::string audio_output = "auto";
  // "auto" (no picture where there is no display), "null", a name of mpv's --vo, or "off": video
  // commands are refused.
  std::string video_output = "auto";
  bool fullscreen = false;      // With the screen black from the start, not from the first video.
  double default_volume = 0.7;  // Of sound whose command names none; as the museum's player has it.
  std::string player = "mpv";
};

// Plays by mpv: one process for video, whose window is black after a video, and one for each
// sound that plays at the same time. What plays when mpv dies ends as failed; mpv is started again,
// at most 3 times a minute. Logs to `media`. Engine thread only.
class MpvMedia final : public Media {
 public:
  MpvMedia(boost::asio::io_context& io, Timers& timers, Logs& logs, MediaOptions options);
  // Ends every mpv, without on_end.
  ~MpvMedia() override;

  // Starts players ahead, so that the first cues are not late by the time mpv takes to start (100
  // ms and more): for video, sound, and a sound effect over it, if there are files of that kind.
  // What fails is a line in the log.
  void prepare();
  // For commands from now on.
  void set_folders(std::vector<std::filesystem::path> folders) {
    files_.set_folders(std::move(folders));
  }
  Result<void> command(const std::string& topic, const std::string& payload) override;
  bool playing(const std::string& topic) const override;

 private:
  Result<std::unique_ptr<Player>> start(MediaKind kind, Player::Events events);
  Result<void> check_installed();
  Result<std::filesystem::path> next_socket();
  std::vector<std::string> arguments(MediaKind kind);
  std::string video_output();
  void heard_audio_output(const std::string& name);
  // Says a thing the first time only.
  void warn_once(const std::string& message);

  // Constant after construction.
  boost::asio::io_context& io_;
  Timers& timers_;
  spdlog::logger& log_;
  const MediaOptions options_;
  // Engine thread only.
  MediaFiles files_;
  std::optional<PrivateFolder> folder_;  // Of the sockets, from the first start.
  int sockets_ = 0;
  std::vector<std::string> warned_;
  MediaVoices voices_;
};

}  // namespace engine
