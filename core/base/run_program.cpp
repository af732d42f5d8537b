#include "core/base/run_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "core/base/child_process.h"
#include "core/base/utf8.h"
#include "core/base/words.h"

extern char** environ;

namespace engine {
namespace {

// A connected pair of sockets: unlike a pipe, writing to one whose reader is gone is no signal.
struct Channel {
  std::array<int, 2> ends{-1, -1};
  Channel() {
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) ends = {-1, -1};
  }
  ~Channel() {
    close_theirs();
    if (ends[0] >= 0) ::close(ends[0]);
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  void close_theirs() {
    if (ends[1] >= 0) ::close(std::exchange(ends[1], -1));
  }
};

// 0, or an errno.
int spawn(const std::string& program, const std::vector<std::string>& command, int descriptor,
          pid_t& pid) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int standard : {0, 1, 2}) {
    posix_spawn_file_actions_adddup2(&actions, descriptor, standard);
  }
  const int error =
      ::posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

// False when the time is over before the program has closed its output.
bool read_all(int descriptor, SteadyTime deadline, const Clock& clock, std::string& output) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock.now()).count();
    if (left <= 0) return false;
    pollfd ready{descriptor, POLLIN, 0};
    if (::poll(&ready, 1, static_cast<int>(left)) < 0 && errno != EINTR) return false;
    if (ready.revents == 0) continue;
    std::array<char, 4096> bytes{};
    const ssize_t count = ::read(descriptor, bytes.data(), bytes.size());
    if (count <= 0) return true;
    output.append(bytes.data(), static_cast<size_t>(count));
  }
}

std::string last_line(std::string_view output) {
  output = trimmed(output);
  return printable(std::string(output.substr(output.rfind('\n') + 1)), 200);
}

}  // namespace

Result<std::string> run_program(const std::vector<std::string>& command, const std::string& input,
                                Duration patience) {
  const std::string& name = command.at(0);
  const std::string program = find_program(name);
  if (program.empty()) return fail(fmt::format("{} is not installed", name));
  Channel channel;
  pid_t pid = -1;
  const int error = channel.ends[0] < 0 ? errno : spawn(program, command, channel.ends[1], pid);
  if (error != 0) return fail(fmt::format("{} cannot be started: {}", name, std::strerror(error)));
  channel.close_theirs();
  (void)::send(channel.ends[0], input.data(), input.size(), MSG_NOSIGNAL);
  ::shutdown(channel.ends[0], SHUT_WR);
  const SystemClock clock;
  std::string output;
  const bool ended = read_all(channel.ends[0], clock.now() + patience, clock, output);
  if (!ended) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended) {
    return fail(fmt::format("{} was still at work after {} s", name, to_seconds(patience)));
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return output;
  return fail(fmt::format("{} failed: {}", name, last_line(output)));
}

}  // namespace engine
