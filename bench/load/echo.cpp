// Keeps a fixed number of messages on the way through a rule that answers each, and says how fast
// that goes and how long each takes. Prints one JSON object.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "bench/load/mqtt_socket.h"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr double kPatience = 2;       // Seconds without an answer until what is on the way is lost.
constexpr double kReadyWithin = 120;  // Seconds for all rules to answer for the first time.
constexpr double kAskAgain = 1;       // Seconds.
constexpr size_t kAtOnce = 10;        // Topics that are asked.
constexpr size_t kRemembered = 1 << 17;  // Far more than are ever on the way.

struct Options {
  int port = 0;
  std::string to = "bench/in", from = "bench/out";
  int topics = 0;  // Over 0: `to`/1 to `to`/N, in turn.
  int qos = 0;
  int window = 1;
  double seconds = 3, warm_up = 1;
  long pid = 0;
};

// User and system time of a process with all its threads, in seconds.
double processor_time(long pid) {
  clockid_t clock{};
  timespec time{};
  if (pid == 0 || ::clock_getcpuclockid(static_cast<pid_t>(pid), &clock) != 0) return 0;
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

constexpr long kNone = std::numeric_limits<long>::min();

// What the number after "n": is.
long number_in(std::string_view payload) {
  size_t at = payload.find("\"n\":");
  if (at == payload.npos) return kNone;
  at += 4;
  while (at < payload.size() && payload[at] == ' ') ++at;
  long number = kNone;
  std::from_chars(payload.data() + at, payload.data() + payload.size(), number);
  return number;
}

class Echo {
 public:
  explicit Echo(const Options& options)
      : options_(options), socket_(options.port, "bench-load-" + std::to_string(::getpid())) {
    for (int i = 1; i <= options.topics; ++i) {
      topics_.push_back(options.to + "/" + std::to_string(i));
    }
    if (topics_.empty()) topics_.push_back(options.to);
    sent_.resize(kRemembered);
    socket_.subscribe(options.from, options.qos);
  }

  nlohmann::json run() {
    wait_until_answered();
    for (int i = 0; i < options_.window; ++i) send();
    exchange(options_.warm_up);
    latencies_.clear();
    answered_ = 0;
    const double processor_before = processor_time(options_.pid);
    const auto began = Clock::now();
    exchange(options_.seconds);
    const double took = Seconds(Clock::now() - began).count();
    return result(took, processor_time(options_.pid) - processor_before);
  }

 private:
  // Asks on each topic, with a number below 0, until it has answered. A few at a time, or one that
  // needs milliseconds for a message would never be done with what it is asked again.
  void wait_until_answered() {
    const auto began = Clock::now();
    std::set<long> silent;
    for (size_t i = 1; i <= topics_.size(); ++i) silent.insert(-static_cast<long>(i));
    while (!silent.empty()) {
      if (Seconds(Clock::now() - began).count() > kReadyWithin) {
        throw std::runtime_error("nobody answers on " + options_.from + " for " +
                                 std::to_string(silent.size()) + " topics");
      }
      ask(silent);
    }
  }

  void ask(std::set<long>& silent) {
    const size_t rest = silent.size() - std::min(silent.size(), kAtOnce);
    size_t count = 0;
    for (auto number = silent.begin(); number != silent.end() && count < kAtOnce;
         ++number, ++count) {
      socket_.publish(topics_[static_cast<size_t>(-*number) - 1], payload(*number), options_.qos);
    }
    const auto asked = Clock::now();
    while (silent.size() > rest && Seconds(Clock::now() - asked).count() < kAskAgain) {
      socket_.receive(
          20, [&](std::string_view, std::string_view text) { silent.erase(number_in(text)); });
    }
  }

  // 120 bytes, as a sensor sends them.
  static std::string payload(long number) {
    char text[160];
    std::snprintf(text, sizeof text,
                  R"({"n":%ld,"device":"esp32_01","room":"room1","temperature":21.5,"humidity":48,)"
                  R"("state":"ON","tags":["a","b"],"uptime":86400})",
                  number);
    return text;
  }

  void send() {
    const long number = ++last_;
    sent_[static_cast<size_t>(number) % kRemembered] = Clock::now();
    socket_.publish(topics_[static_cast<size_t>(number) % topics_.size()], payload(number),
                    options_.qos);
  }

  void exchange(double seconds) {
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(Seconds(seconds));
    auto heard = Clock::now();
    while (Clock::now() < end) {
      int came = 0;
      socket_.receive(50, [&](std::string_view, std::string_view text) { came += take(text); });
      if (came > 0) heard = Clock::now();
      if (Seconds(Clock::now() - heard).count() > kPatience) {
        lost_ += options_.window;
        came = options_.window;
        heard = Clock::now();
        first_ = last_ + 1;  // What comes yet of the former ones is late.
      }
      for (int i = 0; i < came; ++i) send();
    }
  }

  int take(std::string_view text) {
    const long number = number_in(text);
    if (number < first_ || number > last_) return 0;
    const auto took = Clock::now() - sent_[static_cast<size_t>(number) % kRemembered];
    latencies_.push_back(1000 * Seconds(took).count());
    ++answered_;
    return 1;
  }

  nlohmann::json result(double seconds, double processor) {
    std::sort(latencies_.begin(), latencies_.end());
    const auto at = [&](double share) {
      if (latencies_.empty()) return 0.0;
      const auto index = static_cast<size_t>(share * static_cast<double>(latencies_.size()));
      return latencies_[std::min(index, latencies_.size() - 1)];
    };
    const auto messages = static_cast<double>(answered_);
    return {{"per_second", messages / seconds},
            {"p50_ms", at(0.5)},
            {"p99_ms", at(0.99)},
            {"max_ms", at(1)},
            {"messages", answered_},
            {"lost", lost_},
            {"processor_us", answered_ > 0 ? 1e6 * processor / messages : 0.0}};
  }

  const Options options_;
  MqttSocket socket_;
  std::vector<std::string> topics_;
  std::vector<Clock::time_point> sent_;  // By number, in a ring.
  std::vector<double> latencies_;        // Milliseconds.
  long first_ = 1, last_ = 0;
  long answered_ = 0, lost_ = 0;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::Options options;
  CLI::App app{"Keeps a fixed number of messages on the way through a rule that answers each."};
  app.add_option("--port", options.port, "Of the broker on this machine")->required();
  app.add_option("--to", options.to, "The topic of the rule");
  app.add_option("--from", options.from, "The topic of its answers");
  app.add_option("--topics", options.topics, "Sends to TO/1 to TO/N in turn");
  app.add_option("--qos", options.qos, "0 or 1")->check(CLI::Range(0, 1));
  app.add_option("--window", options.window, "Messages on the way")->check(CLI::Range(1, 50000));
  app.add_option("--seconds", options.seconds, "How long it is measured");
  app.add_option("--warm-up", options.warm_up, "Seconds before that");
  app.add_option("--pid", options.pid, "Whose processor time is taken");
  CLI11_PARSE(app, argc, argv);
  try {
    std::cout << bench::Echo(options).run().dump() << "\n";
  } catch (const std::exception& e) {
    std::cerr << "bench_echo: " << e.what() << "\n";
    return 1;
  }
}
