#include "core/base/child_process.h"

#include <signal.h>

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/support/catch.h"

using namespace engine;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  boost::asio::io_context io;
  std::vector<std::string> lines;
  int status = -1;

  std::unique_ptr<ChildProcess> start(std::vector<std::string> command) {
    auto child = ChildProcess::start(io, {.command = std::move(command),
                                          .on_line = [this](auto& l) { lines.push_back(l); },
                                          .on_exit = [this](int s) { status = s; }});
    REQUIRE(child);
    return std::move(*child);
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a child's lines and its exit status are heard") {
  const auto child = start({"sh", "-c", "echo one; echo two >&2; printf three; exit 7"});
  io.run_for(10s);
  CHECK(lines == std::vector<std::string>{"one", "two", "three"});
  CHECK(status == 7);
  CHECK_FALSE(child->running());
}

TEST_CASE_METHOD(Fixture, "a killed child reports 128 + the signal") {
  const auto child = start({"sleep", "1000"});
  ::kill(child->pid(), SIGKILL);
  io.run_for(10s);
  CHECK(status == 128 + SIGKILL);
}

TEST_CASE_METHOD(Fixture,
                 "stopping ends the child, even one that ignores SIGTERM, without on_exit") {
  const auto child = start({"sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.01; done"});
  while (lines.empty()) io.run_one();
  const int pid = child->pid();
  child->stop(20);
  CHECK_FALSE(child->running());
  CHECK(::kill(pid, 0) == -1);
  io.run_for(50ms);
  CHECK(status == -1);
}

TEST_CASE_METHOD(Fixture, "a program that is not installed is an error that names it") {
  const auto child =
      ChildProcess::start(io, {.command = {"no-such-program-here"}, .on_line = {}, .on_exit = {}});
  REQUIRE_FALSE(child);
  CHECK(child.error().message == "no-such-program-here is not installed (not found in PATH)");
}

TEST_CASE_METHOD(Fixture, "a program in an sbin folder is found though PATH lacks it") {
  const std::string path = ::getenv("PATH");
  ::setenv("PATH", "/nowhere", 1);
  const bool found = is_installed("ldconfig");  // Every Debian has it in /sbin.
  ::setenv("PATH", path.c_str(), 1);
  CHECK(found);
}
