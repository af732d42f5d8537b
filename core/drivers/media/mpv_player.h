#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/drivers/media/mpv.h"
#include "core/drivers/media/player.h"

namespace engine {

// A Player that is an mpv process.
class MpvPlayer final : public Player {
 public:
  struct Options {
    std::string program;
    std::vector<std::string> arguments;
    std::filesystem::path socket;
    bool keeps_window = false;  // From the first file on there is a window, black between files.
    std::function<void(const std::string&)> on_line;
    // The name of the audio output that mpv has opened: `null` when there is no sound device.
    std::function<void(const std::string&)> on_audio_output;
  };

  static Result<std::unique_ptr<Player>> start(boost::asio::io_context& io, Timers& timers,
                                               Options options, Events events);

  void play(const std::filesystem::path& file, double volume) override;
  void stop() override;
  void set_paused(bool paused) override;
  void set_volume(double volume) override;
  void seek(double seconds) override;
  void quit() override;

 private:
  MpvPlayer(Options options, Events events);
  void accepted(uint64_t number, const mpv::Reply& reply);
  void loaded();
  void ended(const mpv::EndFile& end);
  void fail_now(const std::string& why);

  // Constant after construction.
  const Options options_;
  const Events events_;
  // Engine thread only.
  std::unique_ptr<Mpv> mpv_;
  uint64_t number_ = 0;           // Of the file: counts play and stop.
  std::optional<int64_t> entry_;  // mpv's name for the file, once it has told.
  bool loaded_ = false;
  std::optional<double> seek_when_loaded_;
};

}  // namespace engine
