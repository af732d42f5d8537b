#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/timers.h"
#include "core/drivers/media/mpv_protocol.h"

namespace engine {

// One mpv process and the connection to its JSON IPC. Engine thread only; nothing blocks but the
// destructor (a few milliseconds, for mpv ends at once when asked).
class Mpv {
 public:
  struct Options {
    std::string program;
    std::vector<std::string> arguments;  // Besides those that every mpv of ours has.
    std::filesystem::path socket;        // To be made by mpv; a path nobody else uses.
    // Events, and what mpv prints.
    std::function<void()> on_file_loaded;
    std::function<void(const mpv::EndFile&)> on_end_file;
    std::function<void(const mpv::PropertyChange&)> on_property;
    std::function<void(const std::string&)> on_line;
    // mpv has ended, or does not answer and has been ended; the last event. "was killed by signal
    // 9" says how, to stand after a name. Mpv may be destroyed from within.
    std::function<void(const std::string& how)> on_exit;
  };
  using Reply = std::function<void(const mpv::Reply&)>;

  // Fails when the program cannot be started.
  static Result<std::unique_ptr<Mpv>> start(boost::asio::io_context& io, Timers& timers,
                                            Options options);
  // Ends mpv, without on_exit.
  ~Mpv();
  Mpv(const Mpv&) = delete;
  Mpv& operator=(const Mpv&) = delete;

  // Sends a command (an array, as mpv's manual has it), as soon as mpv listens; in order.
  // `on_reply` is never called from within `send`, and not at all when mpv ends first.
  void send(nlohmann::json command, Reply on_reply = {});

 private:
  class Impl;
  explicit Mpv(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

}  // namespace engine
