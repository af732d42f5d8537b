#include "core/drivers/media/media_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "core/base/nearest.h"
#include "core/base/utf8.h"

namespace engine {
namespace {

constexpr size_t kLongestCommand = 1024;
constexpr double kLatestPosition = 604800;  // A week.

struct Request {
  MediaKind kind;
  std::string_view payload;  // Without white space around.
  std::string_view verb;     // Up to the first colon.
  std::optional<std::string_view> argument;
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

const char* kind_name(MediaKind kind) { return kind == MediaKind::audio ? "audio" : "video"; }

tl::unexpected<Error> refuse(const Request& request, const std::string& rule) {
  return fail(fmt::format("\"{}\": {}", printable(request.payload), rule));
}

Result<void> check_text(std::string_view payload) {
  if (payload.size() > kLongestCommand) {
    return fail(fmt::format("\"{}\": {} bytes are too long for a media command (at most {})",
                            printable(payload, 32), payload.size(), kLongestCommand));
  }
  const bool has_control = std::any_of(payload.begin(), payload.end(),
                                       [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (has_control || !is_utf8(payload)) {
    return fail(fmt::format("\"{}\" is not text, so it is no media command", printable(payload)));
  }
  if (payload.empty()) {
    return fail("an empty payload is no media command (send a file name, PLAY:<file> or STOP)");
  }
  return {};
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

Result<double> parse_volume(const Request& request, std::string_view text) {
  const auto value = number(text);
  if (!value) {
    return refuse(request, fmt::format("\"{}\" is not a volume (a number from 0 to 1)", text));
  }
  return std::clamp(*value, 0.0, 1.0);
}

// Absolute names are for the folders to judge; `..` is refused whatever they are.
Result<std::string> parse_file(const Request& request, std::string_view file) {
  if (file.empty()) return refuse(request, "the file name is missing");
  for (const auto& part : std::filesystem::path(file)) {
    if (part == "..") return refuse(request, "a file name may not leave its folder (\"..\")");
  }
  if (!has_extension_of(request.kind, file)) {
    return refuse(request, fmt::format("{} files end in {}", kind_name(request.kind),
                                       extension_list(request.kind)));
  }
  return std::string(file);
}

Result<MediaCommand> play(const Request& request) {
  std::string_view file = request.argument.value_or("");
  PlayFile command;
  const size_t colon = file.rfind(':');
  // What follows the last colon is a volume, unless it completes a file name that has a colon.
  if (colon != file.npos && !has_extension_of(request.kind, file)) {
    const auto volume = parse_volume(request, file.substr(colon + 1));
    if (!volume) return tl::unexpected(volume.error());
    command.volume = *volume;
    file = file.substr(0, colon);
  }
  auto name = parse_file(request, file);
  if (!name) return tl::unexpected(name.error());
  command.file = std::move(*name);
  return command;
}

Result<MediaCommand> play_file(const Request& request, std::string_view file) {
  auto name = parse_file(request, file);
  if (!name) return tl::unexpected(name.error());
  return PlayFile{std::move(*name), std::nullopt};
}

Result<MediaCommand> play_by_name(const Request& request) {
  std::string name = lower(request.payload.substr(std::string_view("PLAY_").size()));
  if (name.empty()) return refuse(request, "the name is missing (PLAY_<NAME>)");
  if (name.find_first_of("/:") != name.npos) {
    return refuse(request, "a name has no \"/\" and no \":\" (PLAY_<NAME>)");
  }
  return PlayByName{std::move(name)};
}

Result<MediaCommand> seek(const Request& request) {
  const std::string_view text = request.argument.value_or("");
  const auto seconds = number(text);
  if (!seconds || *seconds < 0 || *seconds > kLatestPosition) {
    return refuse(
        request, fmt::format("\"{}\" is not a position (seconds, 0 to {})", text, kLatestPosition));
  }
  return SeekTo{*seconds};
}

Result<MediaCommand> set_volume(const Request& request) {
  const auto volume = parse_volume(request, request.argument.value_or(""));
  if (!volume) return tl::unexpected(volume.error());
  return SetVolume{*volume};
}

Result<MediaCommand> stop(const Request& request) {
  if (!request.argument) return StopPlaying{};
  if (request.argument->empty()) return refuse(request, "the file name is missing (STOP:<file>)");
  return StopPlaying{std::string(*request.argument)};
}

// No command word: a bare file name.
Result<MediaCommand> bare_file(const Request& request) {
  if (request.payload.find('.') != request.payload.npos) {
    return play_file(request, request.payload);
  }
  static const std::vector<std::string> kAudioVerbs = {"PLAY",   "STOP",   "PAUSE",
                                                       "RESUME", "VOLUME", "SEEK"};
  static const std::vector<std::string> kVideoVerbs = {"PLAY_VIDEO", "STOP_VIDEO", "STOP", "PAUSE",
                                                       "RESUME",     "VOLUME",     "SEEK"};
  std::string verb(request.verb);
  std::transform(verb.begin(), verb.end(), verb.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const auto meant = nearest(verb, request.kind == MediaKind::audio ? kAudioVerbs : kVideoVerbs);
  return refuse(request, fmt::format("neither a command nor an {} file ({}){}",
                                     kind_name(request.kind), extension_list(request.kind),
                                     meant ? fmt::format("; did you mean {}?", *meant) : ""));
}

}  // namespace

Result<MediaCommand> parse_media_command(MediaKind kind, std::string_view payload) {
  payload = trimmed(payload);
  if (auto text = check_text(payload); !text) return tl::unexpected(text.error());
  Request request{kind, payload, payload, std::nullopt};
  if (const size_t colon = payload.find(':'); colon != payload.npos) {
    request.verb = payload.substr(0, colon);
    request.argument = payload.substr(colon + 1);
  }
  const bool audio = kind == MediaKind::audio;
  if (request.verb == "STOP") return stop(request);
  if (request.verb == "VOLUME") return set_volume(request);
  if (request.verb == "SEEK") return seek(request);
  if (payload == "PAUSE") return PausePlaying{};
  if (payload == "RESUME") return ResumePlaying{};
  if (request.verb == "PLAY") {
    return audio ? play(request) : refuse(request, "on a video topic it is PLAY_VIDEO:<file>");
  }
  if (request.verb == "PLAY_VIDEO") {
    return audio ? refuse(request, "videos are played on topics that end in /video")
                 : play_file(request, request.argument.value_or(""));
  }
  if (payload == "STOP_VIDEO") {
    if (audio) return refuse(request, "on an audio topic it is STOP");
    return StopPlaying{};
  }
  if (audio && payload.substr(0, 5) == "PLAY_") return play_by_name(request);
  return bare_file(request);
}

const std::vector<std::string>& media_extensions(MediaKind kind) {
  static const std::vector<std::string> kAudio = {".wav", ".mp3", ".ogg"};
  static const std::vector<std::string> kVideo = {".mp4", ".avi", ".mkv", ".mov", ".webm"};
  return kind == MediaKind::audio ? kAudio : kVideo;
}

std::string extension_list(MediaKind kind) {
  const auto& all = media_extensions(kind);
  return fmt::format("{} or {}", fmt::join(all.begin(), all.end() - 1, ", "), all.back());
}

bool has_extension_of(MediaKind kind, std::string_view file) {
  const std::string extension = lower(std::filesystem::path(file).extension().string());
  const auto& all = media_extensions(kind);
  return std::find(all.begin(), all.end(), extension) != all.end();
}

bool is_sound_effect(std::string_view file) {
  return std::filesystem::path(file).filename().string().rfind("sfx_", 0) == 0;
}

}  // namespace engine
