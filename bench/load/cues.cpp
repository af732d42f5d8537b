// Starts many timelines, one after the other, while sensor messages flow, and says how late the
// cues of each come: their arrival here, less the moment the start was sent, less their time in the
// timeline. Prints one JSON object.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/load/mqtt_socket.h"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr int kReadyWithin = 600;  // Tenths of a second.
constexpr double kPatience = 2;    // Seconds after the last cue was due.
constexpr const char* kSensor =
    R"({"n":1,"device":"esp32_01","room":"room1","temperature":21.5,"humidity":48,)"
    R"("state":"ON","tags":["a","b"],"uptime":86400})";

struct Options {
  int port = 0;
  int timelines = 1000;
  std::vector<double> at{1};
  std::string start = "bench/start", cue = "bench/cue";
  double per_second = 5000;
  double warm_up = 1;
  double spread = 1;
  bool ready = false;
};

class Cues {
 public:
  explicit Cues(const Options& options)
      : options_(options), socket_(options.port, "bench-cues-" + std::to_string(::getpid())) {
    started_.resize(static_cast<size_t>(options.timelines));
    socket_.subscribe(options.cue + "/+", 0);
    socket_.subscribe("bench/pong", 0);
  }

  nlohmann::json run() {
    if (!options_.ready) wait_until_ready();
    began_ = Clock::now();
    const double last = options_.warm_up + options_.spread + options_.at.back() + kPatience;
    const size_t expected = started_.size() * options_.at.size();
    while (lateness_.size() < expected && elapsed() < last) {
      send_due();
      socket_.receive(1, [&](std::string_view topic, std::string_view text) { take(topic, text); });
    }
    const double seconds = elapsed();
    std::sort(lateness_.begin(), lateness_.end());
    return {{"cues", lateness_.size()},
            {"lost", expected - lateness_.size()},
            {"sensor_per_second", static_cast<double>(sensor_sent_) / seconds},
            {"p50_ms", quantile(0.5)},
            {"p99_ms", quantile(0.99)},
            {"max_ms", quantile(1)}};
  }

 private:
  void wait_until_ready() {
    bool ready = false;
    for (int i = 0; i < kReadyWithin && !ready; ++i) {
      socket_.publish("bench/ping", "", 0);
      socket_.receive(
          100, [&](std::string_view topic, std::string_view) { ready |= topic == "bench/pong"; });
    }
    if (!ready) throw std::runtime_error("nobody answers bench/ping");
  }

  double elapsed() const { return Seconds(Clock::now() - began_).count(); }

  void send_due() {
    const double now = elapsed();
    const auto sensor_due = static_cast<long>(now * options_.per_second);
    for (; sensor_sent_ < sensor_due; ++sensor_sent_) socket_.publish("bench/sensor", kSensor, 0);
    const double share = (now - options_.warm_up) / options_.spread;
    const auto all = static_cast<double>(started_.size());
    const auto due = static_cast<size_t>(std::clamp(share, 0.0, 1.0) * all);
    for (; start_sent_ < due; ++start_sent_) {
      started_[start_sent_] = Clock::now();
      socket_.publish(options_.start + "/" + std::to_string(start_sent_ + 1), "1", 0);
    }
  }

  // The last level of the topic is the timeline's number, the payload the cue's; from 1.
  void take(std::string_view topic, std::string_view text) {
    const auto now = Clock::now();
    const size_t timeline = number_in(topic.substr(topic.rfind('/') + 1));
    const size_t cue = number_in(text);
    if (timeline < 1 || timeline > start_sent_ || cue < 1 || cue > options_.at.size()) return;
    const double after = Seconds(now - started_[timeline - 1]).count();
    lateness_.push_back(1000 * (after - options_.at[cue - 1]));
  }

  static size_t number_in(std::string_view text) {
    size_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
  }

  // Of what is sorted.
  double quantile(double share) const {
    if (lateness_.empty()) return 0;
    const auto index = static_cast<size_t>(share * static_cast<double>(lateness_.size()));
    return lateness_[std::min(index, lateness_.size() - 1)];
  }

  const Options options_;
  MqttSocket socket_;
  Clock::time_point began_;
  std::vector<Clock::time_point> started_;  // By timeline.
  size_t start_sent_ = 0;
  long sensor_sent_ = 0;
  std::vector<double> lateness_;  // Milliseconds.
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::Options options;
  CLI::App app{"Says how late the cues of many timelines come, while sensor messages flow."};
  app.add_option("--port", options.port, "Of the broker on this machine")->required();
  app.add_option("--timelines", options.timelines, "Started with START/1 to START/N, payload 1");
  app.add_option("--at", options.at, "When cue 1, 2, ... of each is due: CUE/N, payload 1, 2, ...");
  app.add_option("--start", options.start, "The topic that starts them");
  app.add_option("--cue", options.cue, "The topic of their cues");
  app.add_option("--per-second", options.per_second, "Sensor messages, on bench/sensor");
  app.add_option("--warm-up", options.warm_up, "Seconds before the first start");
  app.add_option("--spread", options.spread, "Seconds from the first start to the last");
  app.add_flag("--ready", options.ready, "Nobody has to answer bench/ping first");
  CLI11_PARSE(app, argc, argv);
  try {
    std::cout << bench::Cues(options).run().dump() << "\n";
  } catch (const std::exception& e) {
    std::cerr << "bench_cues: " << e.what() << "\n";
    return 1;
  }
}
