#include "core/drivers/media/mpv_media.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/base/child_process.h"
#include "core/base/utf8.h"
#include "core/drivers/media/mpv_player.h"

namespace engine {
namespace {

bool is_set(const char* variable) {
  const char* value = ::getenv(variable);
  return value && *value;
}

bool has_display() {
  std::error_code ignored;
  return is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") ||
         std::filesystem::exists("/dev/dri", ignored);
}

bool can_run(const std::string& program) {
  if (program.find('/') != program.npos) return ::access(program.c_str(), X_OK) == 0;
  return is_installed(program);
}

}  // namespace

MpvMedia::MpvMedia(boost::asio::io_context& io, Timers& timers, Logs& logs, MediaOptions options)
    : io_(io),
      timers_(timers),
      log_(logs.get("media")),
      options_(std::move(options)),
      files_(options_.folders),
      voices_(
          timers, log_, files_, {.audio_volume = options_.default_volume},
          [this](Player::Events events) { return start(MediaKind::audio, std::move(events)); },
          [this](Player::Events events) { return start(MediaKind::video, std::move(events)); },
          on_end) {}

MpvMedia::~MpvMedia() = default;

void MpvMedia::prepare() {
  const auto prepare = [this](MediaKind kind, size_t players) {
    if (const auto ready = voices_.prepare(kind, players); !ready) warn_once(ready.error().message);
  };
  if (files_.has_any(MediaKind::audio)) {
    prepare(MediaKind::audio, files_.has_sound_effects() ? 2 : 1);
  }
  if (options_.video_output != "off" && files_.has_any(MediaKind::video)) {
    prepare(MediaKind::video, 1);
  }
}

Result<void> MpvMedia::command(const std::string& topic, const std::string& payload) {
  if (is_video_topic(topic) && options_.video_output == "off") {
    return fail(fmt::format("\"{}\": the video output is \"off\"", printable(payload)));
  }
  return voices_.command(topic, payload);
}

bool MpvMedia::playing(const std::string& topic) const { return voices_.playing(topic); }

Result<std::unique_ptr<Player>> MpvMedia::start(MediaKind kind, Player::Events events) {
  if (auto installed = check_installed(); !installed) return tl::unexpected(installed.error());
  auto socket = next_socket();
  if (!socket) return tl::unexpected(socket.error());
  return MpvPlayer::start(
      io_, timers_,
      {.program = options_.player,
       .arguments = arguments(kind),
       .socket = std::move(*socket),
       .keeps_window = kind == MediaKind::video,
       .on_line = [this](const std::string& line) { log_.debug("mpv: {}", printable(line)); },
       .on_audio_output = [this](const std::string& name) { heard_audio_output(name); }},
      std::move(events));
}

Result<void> MpvMedia::check_installed() {
  if (can_run(options_.player)) return {};
  const std::string advice = options_.player == "mpv" ? ": apt-get install mpv" : "";
  const std::string message = fmt::format("{} is not installed{}", options_.player, advice);
  warn_once(message);
  return fail(message);
}

Result<std::filesystem::path> MpvMedia::next_socket() {
  if (!folder_) {
    auto created = PrivateFolder::create();
    if (!created) return tl::unexpected(created.error());
    folder_.emplace(std::move(*created));
  }
  return folder_->path() / fmt::format("mpv-{}", ++sockets_);
}

std::vector<std::string> MpvMedia::arguments(MediaKind kind) {
  std::vector<std::string> result;
  if (options_.audio_output == "auto") {
    result.push_back("--audio-fallback-to-null=yes");
  } else {
    result.push_back("--ao=" + options_.audio_output);
  }
  if (kind == MediaKind::audio) {
    result.push_back("--vid=no");  // Not the cover picture of a sound file either.
    return result;
  }
  const std::string output = video_output();
  if (output != "auto") result.push_back("--vo=" + output);
  if (options_.fullscreen) result.insert(result.end(), {"--fullscreen=yes", "--force-window=yes"});
  result.insert(result.end(), {"--input-vo-keyboard=no", "--input-cursor=no",
                               "--cursor-autohide=always", "--stop-screensaver=yes"});
  return result;
}

std::string MpvMedia::video_output() {
  if (options_.video_output != "auto" || has_display()) return options_.video_output;
  warn_once("there is no display: videos are played without a picture");
  return "null";
}

void MpvMedia::heard_audio_output(const std::string& name) {
  if (options_.audio_output == "auto" && name == "null") {
    warn_once("there is no sound device: sound is played in silence");
  }
}

void MpvMedia::warn_once(const std::string& message) {
  if (std::find(warned_.begin(), warned_.end(), message) != warned_.end()) return;
  warned_.push_back(message);
  log_.warn("{}", message);
}

}  // namespace engine
