#include "core/app/terminal.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "core/app/display_width.h"
#include "core/base/logging.h"
#include "core/base/utf8.h"

namespace engine {
namespace {

constexpr size_t kDefaultColumns = 80;
constexpr std::string_view kEraseLine = "\r\x1b[K";
constexpr std::string_view kResetColour = "\x1b[0m";

std::string_view colour_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug:
      return "\x1b[2m";
    case spdlog::level::info:
      return "\x1b[32m";
    case spdlog::level::warn:
      return "\x1b[33m";
    default:
      return "\x1b[1;31m";
  }
}

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) {
      pollfd waiting{descriptor, POLLOUT, 0};
      ::poll(&waiting, 1, -1);
      continue;
    }
    if (count < 0) return;  // Whoever read it is gone; the show goes on.
    text.remove_prefix(static_cast<size_t>(count));
  }
}

size_t columns_of(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kDefaultColumns;
  return size.ws_col;
}

bool is_ready(int descriptor) {
  pollfd waiting{descriptor, POLLOUT, 0};
  return ::poll(&waiting, 1, 0) == 1 && (waiting.revents & POLLOUT) != 0;
}

}  // namespace

Terminal::Terminal(Output output) : output_(std::move(output)) {
  set_formatter(log_formatter(output_.is_terminal ? LogTime::clock : LogTime::date));
}

Terminal::~Terminal() {
  if (!drawn_.empty()) output_.write(kEraseLine);
}

void Terminal::set_live_line(std::string text) {
  if (!output_.is_terminal) return;
  {
    const std::lock_guard lock(wanted_mutex_);
    wanted_ = std::move(text);
  }
  // A log line that is being written right now draws the live line below itself.
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (lock && output_.ready()) redraw();
}

void Terminal::sink_it_(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t buffer;
  formatter_->format(message, buffer);
  const std::string_view line(buffer.data(), buffer.size());
  if (!output_.is_terminal) return output_.write(line);

  std::string out = erase();
  const size_t begin = message.color_range_start;
  const size_t end = message.color_range_end;
  if (output_.has_colour && begin < end && end <= line.size()) {
    out += line.substr(0, begin);
    out += colour_of(message.level);
    out += line.substr(begin, end - begin);
    out += kResetColour;
    out += line.substr(end);
  } else {
    out += line;
  }
  out += draw();
  output_.write(out);
  redraw();  // It may have been set meanwhile.
}

void Terminal::redraw() {
  const std::string before = drawn_;
  std::string change = erase();
  change += draw();
  if (drawn_ != before) output_.write(change);
}

std::string Terminal::erase() {
  if (drawn_.empty()) return "";
  drawn_.clear();
  return std::string(kEraseLine);
}

std::string Terminal::draw() {
  std::string wanted;
  {
    const std::lock_guard lock(wanted_mutex_);
    wanted = wanted_;
  }
  // The last column stays free: a terminal would wrap there.
  const size_t columns = output_.columns();
  drawn_ = cut_to_width(printable(wanted, std::string::npos), columns > 0 ? columns - 1 : 0);
  return drawn_;
}

std::shared_ptr<Terminal> open_terminal(int descriptor, const Environment& environment) {
  const bool is_terminal = ::isatty(descriptor) == 1 && environment("TERM") != "dumb";
  return std::make_shared<Terminal>(
      Terminal::Output{[descriptor](std::string_view text) { write_all(descriptor, text); },
                       [descriptor] { return columns_of(descriptor); },
                       [descriptor] { return is_ready(descriptor); }, is_terminal,
                       is_terminal && !environment("NO_COLOR")});
}

}  // namespace engine
