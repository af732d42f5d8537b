#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.h"

namespace engine {

enum class MediaKind { audio, video };

// `bg.mp3`, `PLAY:bg.mp3:0.4`, `PLAY_VIDEO:ghost.mp4`.
struct PlayFile {
  std::string file;
  std::optional<double> volume;  // 0 to 1.
};
// `PLAY_WELCOME`: the file welcome.wav, .mp3 or .ogg.
struct PlayByName {
  std::string name;  // In lower case, without an extension.
};
// `STOP`, `STOP_VIDEO`; with a file name (`STOP:bg.mp3`) only that file.
struct StopPlaying {
  std::string file;
};
struct PausePlaying {};
struct ResumePlaying {};
struct SetVolume {
  double volume;  // 0 to 1.
};
struct SeekTo {
  double seconds;  // From the beginning of the file.
};

using MediaCommand =
    std::variant<PlayFile, PlayByName, StopPlaying, PausePlaying, ResumePlaying, SetVolume, SeekTo>;

// The payloads of `/audio` and `/video` topics, as the museum's controllers have them
// (`STOP:<file>` the newer only). White space around is ignored; volumes beyond 0..1 are clamped.
// Fails with the payload and the rule: bytes that are not text, numbers that are none, empty names,
// names that leave the media folder, files of another kind.
Result<MediaCommand> parse_media_command(MediaKind kind, std::string_view payload);

// `.wav`, `.mp3`, `.ogg`; in the order in which a name without extension is looked for.
const std::vector<std::string>& media_extensions(MediaKind kind);
// ".wav, .mp3 or .ogg", for messages.
std::string extension_list(MediaKind kind);
// By its extension, in upper or lower case.
bool has_extension_of(MediaKind kind, std::string_view file);
// The museum's newer firmware plays files named `sfx_...` over one another; others one at a time.
bool is_sound_effect(std::string_view file);

}  // namespace engine
