#pragma once

#include <string>

#include "core/base/result.h"
#include "core/base/signal.h"

namespace engine {

struct MediaEnd {
  enum class Reason {
    finished,  // End of file.
    stopped,   // By STOP or STOP_VIDEO, or replaced by another file on the same topic.
    failed,    // Cannot be decoded, or the player died.
  };
  std::string topic;
  std::string file;  // As the command named it.
  Reason reason;
};

// Plays what is sent to topics that end in /audio or /video, in this process's room. Engine thread
// only; nothing blocks.
class Media {
 public:
  virtual ~Media() = default;

  // Carries out a command of FACTS 1.4. Fails (a missing file, a malformed number, no player
  // installed) with a message for the user; the caller logs it, the scene goes on.
  virtual Result<void> command(const std::string& topic, const std::string& payload) = 0;
  // Whether something is being played on `topic`.
  virtual bool playing(const std::string& topic) const = 0;
  // Every file that `command` began to play ends with exactly one of these: never from within that
  // command, but from within one that stops or replaces it, before what replaces it begins.
  Signal<const MediaEnd&> on_end;
};

// By its last level.
bool is_audio_topic(const std::string& topic);
bool is_video_topic(const std::string& topic);

}  // namespace engine
