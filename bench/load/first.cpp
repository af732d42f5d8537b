// Starts a program, and says how long it takes until its first message on a topic arrives.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <string>
#include <vector>

#include "bench/load/mqtt_socket.h"

namespace {

// The program is killed with us. Its output goes nowhere.
pid_t start(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (!std::freopen("/dev/null", "w", stdout) || !std::freopen("/dev/null", "w", stderr))
    ::_exit(1);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

int main(int argc, char** argv) {
  int port = 0;
  std::string topic;
  double patience = 30;
  std::vector<std::string> command;
  CLI::App app{"Milliseconds from the start of COMMAND to its first message on a topic."};
  app.add_option("--port", port, "Of the broker on this machine")->required();
  app.add_option("--topic", topic, "Where it is waited for")->required();
  app.add_option("--patience", patience, "Seconds");
  app.add_option("command", command, "After --")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    bench::MqttSocket socket(port, "bench-first");
    socket.subscribe(topic, 0);
    const auto began = std::chrono::steady_clock::now();
    const pid_t child = start(command);
    bool arrived = false;
    socket.receive(static_cast<int>(1000 * patience),
                   [&](std::string_view, std::string_view) { arrived = true; });
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    ::kill(child, SIGTERM);
    ::waitpid(child, nullptr, 0);
    if (!arrived) throw std::runtime_error("nothing came on " + topic);
    std::cout << 1000 * took.count() << "\n";
  } catch (const std::exception& e) {
    std::cerr << "bench_first: " << e.what() << "\n";
    return 1;
  }
}
