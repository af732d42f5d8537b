#pragma once

#include <spdlog/logger.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/drivers/media/media.h"
#include "core/drivers/media/media_command.h"
#include "core/drivers/media/media_files.h"
#include "core/drivers/media/player_pool.h"

namespace engine {

// Who plays what: carries out the commands on players of whatever make. Each audio topic has one
// stream, in which a new file replaces the old one, and sound effects (`sfx_...`) that sound over
// it and one another. There is one screen: a video replaces the one before, whatever its topic.
// VOLUME and SEEK mean the stream; STOP, PAUSE and RESUME all that plays on the topic.
class MediaVoices {
 public:
  struct Rules {
    double audio_volume = 0.7;  // Where a command names none: as the museum's controller has it,
    double video_volume = 1.0;  // and mpv.
    size_t effects = 8;         // At once, on all topics; a further one ends the oldest.
    size_t streams = 16;        // At once, on all topics; a further one is refused.
  };

  MediaVoices(Timers& timers, spdlog::logger& log, const MediaLibrary& library, Rules rules,
              StartPlayer start_audio, StartPlayer start_video, Signal<const MediaEnd&>& on_end);

  // As Media has it. An end that a command causes is told before the command's own file begins.
  Result<void> command(const std::string& topic, const std::string& payload);
  bool playing(const std::string& topic) const;
  // Starts players ahead, and keeps as many.
  Result<void> prepare(MediaKind kind, size_t players);

 private:
  struct Voice {
    uint64_t number;  // Counts all files played.
    MediaKind kind;
    std::string topic;
    std::string file;
    bool effect;
    PlayerId player;
  };
  struct Order {  // A file to be played.
    MediaKind kind;
    std::string topic;
    MediaLibrary::File file;
    bool effect;
    double volume;
  };

  Result<void> carry_out(MediaKind kind, const std::string& topic, const MediaCommand& command);
  Result<void> play(Order order);
  // Ends what must give way to the order; returns the player that is free by it.
  Result<std::optional<PlayerId>> make_room(const Order& order);
  std::optional<uint64_t> in_the_way(const Order& order) const;
  Result<std::optional<PlayerId>> acquire(const Order& order);
  void stop(const std::string& topic, const std::string& file);
  void each_player(const std::string& topic, bool effects_too,
                   const std::function<void(Player&)>& act);
  void silence(MediaKind kind, PlayerId player);
  PlayerPool::Listener listener(MediaKind kind);
  PlayerPool& pool(MediaKind kind) { return kind == MediaKind::audio ? audio_ : video_; }

  std::optional<Voice> take(uint64_t number);
  std::optional<Voice> take(MediaKind kind, PlayerId player);
  std::optional<Voice> take_if(const std::function<bool(const Voice&)>& wanted);
  void tell(const Voice& voice, MediaEnd::Reason reason, const std::string& why = "");

  // Constant after construction.
  spdlog::logger& log_;
  const MediaLibrary& library_;
  const Rules rules_;
  Signal<const MediaEnd&>& on_end_;
  // Engine thread only.
  std::vector<Voice> voices_;  // The oldest first.
  uint64_t next_number_ = 1;
  int depth_ = 0;  // Of commands given by listeners of ends that commands caused.
  PlayerPool audio_;
  PlayerPool video_;
};

}  // namespace engine
