#pragma once

#include <spdlog/sinks/base_sink.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "core/config/environment.h"

namespace engine {

// Where log lines go for people to read; on a terminal one live line stays below them. All of it
// may be used from any thread, and `set_live_line` never waits for a terminal that is stopped
// (Ctrl-S).
class Terminal final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  struct Output {
    std::function<void(std::string_view)> write;
    std::function<size_t()> columns;
    std::function<bool()> ready;  // Whether `write` would return at once.
    bool is_terminal = false;     // Else: no live line.
    bool has_colour = false;
  };
  explicit Terminal(Output output);
  ~Terminal() override;

  bool shows_live_line() const { return output_.is_terminal; }
  // One line of UTF-8, cut to the terminal's width. Empty: none.
  void set_live_line(std::string text);
  void clear_live_line() { set_live_line(""); }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}

  // What brings the cursor to an empty line, and what shows the live line there.
  std::string erase();
  std::string draw();
  void redraw();

  // Constant after construction.
  const Output output_;
  // Guarded by base_sink's mutex, which is held while writing.
  std::string drawn_;
  // Held for a moment only.
  std::mutex wanted_mutex_;
  std::string wanted_;  // Guarded by wanted_mutex_.
};

// On standard output or error. Colours unless NO_COLOR is set or TERM is `dumb`.
std::shared_ptr<Terminal> open_terminal(int descriptor, const Environment& environment);

}  // namespace engine
