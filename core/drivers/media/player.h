#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/base/result.h"

namespace engine {

// Plays one file at a time. Engine thread only; nothing blocks.
class Player {
 public:
  // Never called from within a call of the player's own methods.
  struct Events {
    // The file has come to its end.
    std::function<void()> on_finished;
    // The file cannot be played, or no further.
    std::function<void(const std::string& why)> on_failed;
    // The player itself has ended, and is of no more use: it may be destroyed from within.
    std::function<void(const std::string& why)> on_died;
  };

  virtual ~Player() = default;
  // From its beginning, not paused, in place of what is playing (of which no event tells any more).
  virtual void play(const std::filesystem::path& file, double volume) = 0;
  // No event tells of the file any more.
  virtual void stop() = 0;
  virtual void set_paused(bool paused) = 0;
  // 0 to 1, proportional to the amplitude.
  virtual void set_volume(double volume) = 0;
  virtual void seek(double seconds) = 0;
  // Ends the player in its own time; on_died follows.
  virtual void quit() = 0;
};

// Fails with a message for the user when there can be no player.
using StartPlayer = std::function<Result<std::unique_ptr<Player>>(Player::Events)>;

}  // namespace engine
