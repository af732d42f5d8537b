// Asks for many messages at once, and says how they came: all of them, how fast, and what the
// longest pause between two was. Prints one JSON object.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/load/mqtt_socket.h"

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds(Clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

constexpr int kReadyWithin = 600;  // Tenths of a second.
constexpr int kPatience = 5000;    // Milliseconds after the last.

}  // namespace

int main(int argc, char** argv) {
  int port = 0, count = 1000;
  CLI::App app{"Sends bench/go and takes the messages on bench/burst."};
  app.add_option("--port", port, "Of the broker on this machine")->required();
  app.add_option("--count", count, "How many are expected");
  CLI11_PARSE(app, argc, argv);
  try {
    bench::MqttSocket socket(port, "bench-burst");
    socket.subscribe("bench/pong", 0);
    socket.subscribe("bench/burst", 0);
    bool ready = false;
    for (int i = 0; i < kReadyWithin && !ready; ++i) {
      socket.publish("bench/ping", "", 0);
      socket.receive(
          100, [&](std::string_view topic, std::string_view) { ready |= topic == "bench/pong"; });
    }
    if (!ready) throw std::runtime_error("nobody answers bench/ping");
    const auto asked = Clock::now();
    auto last = asked;
    double longest = 0;
    int came = 0;
    const auto take = [&](std::string_view topic, std::string_view) {
      if (topic != "bench/burst") return;
      ++came;
      longest = std::max(longest, milliseconds(Clock::now() - last));
      last = Clock::now();
    };
    socket.publish("bench/go", std::to_string(count), 0);
    while (came < count && socket.receive(kPatience, take)) {
    }
    std::cout << nlohmann::json{{"lost", count - came},
                                {"took_ms", milliseconds(last - asked)},
                                {"longest_pause_ms", longest}}
                     .dump()
              << "\n";
  } catch (const std::exception& e) {
    std::cerr << "bench_burst: " << e.what() << "\n";
    return 1;
  }
}
