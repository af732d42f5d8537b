#include "core/app/terminal.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <regex>
#include <string>
#include <thread>

#include "core/base/logging.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

using namespace engine;

namespace {

const std::string kErase = "\r\x1b[K";

// Shows what a terminal has received since the last look, times as T.
struct Screen {
  explicit Screen(bool is_terminal = true, bool has_colour = false)
      : terminal(std::make_shared<Terminal>(Terminal::Output{
            [this](std::string_view text) { received += text; }, [this] { return columns; },
            [this] { return ready; }, is_terminal, has_colour})),
        logs({terminal}) {}

  std::string look() {
    static const std::regex kTime(R"((\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d\.\d{3})");
    return std::regex_replace(std::exchange(received, ""), kTime, "T");
  }

  std::string received;
  size_t columns = 40;
  bool ready = true;
  std::shared_ptr<Terminal> terminal;
  Logs logs;
};

}  // namespace

TEST_CASE("the live line stays below the log lines") {
  Screen screen;
  screen.terminal->set_live_line("▶ ghost");
  CHECK(screen.look() == "▶ ghost");
  screen.logs.get("scene").info("[2.5s] room1/light = ON");
  CHECK(screen.look() == kErase + "T [INFO] scene - [2.5s] room1/light = ON\n▶ ghost");
  screen.terminal->set_live_line("▶ riddle");
  CHECK(screen.look() == kErase + "▶ riddle");
  screen.terminal->clear_live_line();
  CHECK(screen.look() == kErase);
  screen.logs.get("scene").info("end");
  CHECK(screen.look() == "T [INFO] scene - end\n");
}

TEST_CASE("an unchanged live line is not drawn again") {
  Screen screen;
  screen.terminal->set_live_line("same");
  screen.look();
  screen.terminal->set_live_line("same");
  CHECK(screen.look().empty());
}

TEST_CASE("the live line is cut to the terminal's width, and the last column stays free") {
  Screen screen;
  screen.columns = 8;
  screen.terminal->set_live_line("1234567");
  CHECK(screen.look() == "1234567");
  screen.terminal->set_live_line("12345678");
  CHECK(screen.look() == kErase + "123456…");
  screen.terminal->set_live_line("1234✅78");
  CHECK(screen.look() == kErase + "1234✅…");
  screen.columns = 0;
  screen.terminal->set_live_line("x");
  CHECK(screen.look() == kErase);
}

TEST_CASE("a live line is one line, and cannot steer the terminal") {
  Screen screen;
  screen.terminal->set_live_line("a\nb\x1b[2J");
  CHECK(screen.look() == "a\\x0ab\\x1b[2J");
}

TEST_CASE("a stopped terminal does not hold up who sets the live line") {
  Screen screen;
  screen.ready = false;
  screen.terminal->set_live_line("later");
  CHECK(screen.look().empty());
  screen.logs.get("scene").info("x");
  CHECK(screen.look() == "T [INFO] scene - x\nlater");
}

TEST_CASE("a live line that is set while a log line is written appears below it") {
  std::string received;
  Terminal* self = nullptr;
  bool set = false;
  const auto write = [&](std::string_view text) {
    received += text;
    if (std::exchange(set, true)) return;
    std::thread([&] { self->set_live_line("new"); }).join();  // Returns: it does not wait.
  };
  const auto terminal = std::make_shared<Terminal>(
      Terminal::Output{write, [] { return size_t{40}; }, [] { return true; }, true, false});
  self = terminal.get();
  Logs logs({terminal});
  logs.get("scene").info("one");
  CHECK(received.ends_with(" [INFO] scene - one\nnew"));
}

TEST_CASE("in a pipe there are log lines only, with the date") {
  Screen screen(false);
  screen.terminal->set_live_line("▶ ghost");
  screen.logs.get("mqtt").warn("payload \x1b[2J");
  screen.terminal->clear_live_line();
  const std::string line = screen.received;
  CHECK(std::regex_search(line, std::regex(R"(^\d{4}-\d\d-\d\d \d\d:)")));
  CHECK(screen.look() == "T [WARNING] mqtt - payload \\x1b[2J\n");
}

TEST_CASE("the level has its colour on a terminal that has colours") {
  Screen screen(true, true);
  screen.logs.get("mqtt").warn("x");
  CHECK(screen.look() == "T \x1b[33m[WARNING]\x1b[0m mqtt - x\n");
  screen.logs.get("mqtt").error("x");
  CHECK(screen.look() == "T \x1b[1;31m[ERROR]\x1b[0m mqtt - x\n");
}

TEST_CASE("what is logged cannot steer the terminal; tracebacks keep their lines") {
  Screen screen;
  screen.logs.get("script").error("a\x1b]0;t\x07 \xff\n\tat line 3");
  CHECK(screen.look() == "T [ERROR] script - a\\x1b]0;t\\x07 \\xff\n\tat line 3\n");
}

TEST_CASE("the live line is gone when the terminal is left") {
  std::string received;
  {
    Terminal terminal({[&](std::string_view text) { received += text; }, [] { return size_t{40}; },
                       [] { return true; }, true, false});
    terminal.set_live_line("x");
  }
  CHECK(received == "x" + kErase);
}

TEST_CASE("a file or pipe is no terminal, whatever the environment says") {
  test::TempFolder temp;
  const auto file = temp / "out";
  const int descriptor = ::open(file.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  REQUIRE(descriptor >= 0);
  {
    const auto terminal =
        open_terminal(descriptor, [](const std::string&) { return std::nullopt; });
    Logs logs({terminal});
    terminal->set_live_line("live");
    logs.get("mqtt").warn("✅ line");
  }
  ::close(descriptor);
  const std::string text = test::read_file(file);
  CHECK(text.ends_with(" [WARNING] mqtt - ✅ line\n"));
  CHECK(text.find("live") == std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("a real terminal has a live line, cut to its width, and colours unless NO_COLOR is set") {
  int ours = -1, theirs = -1;
  winsize size{24, 10, 0, 0};
  REQUIRE(::openpty(&ours, &theirs, nullptr, nullptr, &size) == 0);
  const auto shown = [&](const Environment& environment) {
    {
      const auto terminal = open_terminal(theirs, environment);
      Logs logs({terminal});
      terminal->set_live_line("0123456789");
      logs.get("mqtt").warn("x");
    }
    std::string text(4096, '\0');
    const ssize_t length = ::read(ours, text.data(), text.size());
    text.resize(length > 0 ? static_cast<size_t>(length) : 0);
    return text;
  };
  const std::string coloured = shown([](const std::string&) { return std::nullopt; });
  CHECK(coloured.starts_with("01234567…" + kErase));
  CHECK(coloured.find("\x1b[33m[WARNING]\x1b[0m mqtt - x") != std::string::npos);
  const std::string plain = shown([](const std::string& name) {
    return name == "NO_COLOR" ? std::optional<std::string>("1") : std::nullopt;
  });
  CHECK(plain.starts_with("01234567…" + kErase));
  CHECK(plain.find(" [WARNING] mqtt - x") != std::string::npos);
  const std::string dumb = shown([](const std::string& name) {
    return name == "TERM" ? std::optional<std::string>("dumb") : std::nullopt;
  });
  CHECK(dumb.find('\x1b') == std::string::npos);
  ::close(ours);
  ::close(theirs);
}
