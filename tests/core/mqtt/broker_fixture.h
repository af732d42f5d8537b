#pragma once

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/child_process.h"
#include "core/base/loop.h"
#include "core/mqtt/mqtt_link.h"
#include "tests/support/captured_logs.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace engine::test {

// A real Mosquitto on loopback, as Debian ships it but for what the test adds, and a real loop.
struct BrokerFixture {
  SystemClock clock;
  CapturedLogs logs;
  std::vector<std::string> exceptions;
  Loop loop{clock, [this](const std::exception& e) { exceptions.push_back(e.what()); }};
  TempFolder folder;
  uint16_t port = free_port();
  std::string extra_configuration;
  std::vector<std::string> broker_lines;
  std::unique_ptr<ChildProcess> broker;

  ~BrokerFixture() { CHECK(exceptions.empty()); }

  std::string file(const std::string& name) const { return (folder / name).string(); }

  uint16_t free_port() {
    boost::asio::ip::tcp::acceptor acceptor(loop.io(),
                                            {boost::asio::ip::address_v4::loopback(), 0});
    return acceptor.local_endpoint().port();
  }

  // Turns the loop until `done` or for at most `patience`; whether it was done in time.
  template <typename Done>
  bool run_until(Done done, Duration patience = std::chrono::seconds{20}) {
    const SteadyTime end = clock.now() + patience;
    const TimerId poll = loop.timers().every(std::chrono::milliseconds{1}, [&] {
      if (done() || clock.now() > end) loop.stop();
    });
    loop.io().restart();
    loop.run();
    loop.timers().cancel(poll);
    return done();
  }
  void run_for(Duration time) {
    run_until([] { return false; }, time);
  }

  void start_broker() {
    std::string text = "per_listener_settings false\nlistener " + std::to_string(port) +
                       " 127.0.0.1\nlog_dest stderr\n" + extra_configuration;
    if (extra_configuration.find("allow_anonymous") == std::string::npos) {
      text += "allow_anonymous true\n";
    }
    if (::geteuid() == 0) text += "user root\n";
    folder.write("broker.conf", text);
    broker_lines.clear();
    auto started = ChildProcess::start(
        loop.io(), {.command = {"mosquitto", "-c", file("broker.conf")},
                    .on_line = [this](auto& line) { broker_lines.push_back(line); },
                    .on_exit = {}});
    REQUIRE(started);
    broker = std::move(*started);
    REQUIRE(run_until([&] { return broker_says("running"); }));
  }
  bool broker_says(const std::string& part) const {
    for (const std::string& line : broker_lines) {
      if (line.find(part) != std::string::npos) return true;
    }
    return false;
  }
  // As a power cut does it.
  void kill_broker() {
    ::kill(broker->pid(), SIGKILL);
    broker.reset();
  }

  LinkOptions options(const std::string& client_id, int version = 5) const {
    LinkOptions result;
    result.brokers = {"tcp://127.0.0.1:" + std::to_string(port)};
    result.client_id = client_id;
    result.version = version;
    result.first_spacing = std::chrono::milliseconds{100};
    result.backoff_min = std::chrono::milliseconds{50};
    result.backoff_max = std::chrono::milliseconds{200};
    return result;
  }
  std::unique_ptr<MqttLink> make_link(LinkOptions o) {
    REQUIRE(check(o));
    return std::make_unique<MqttLink>(std::move(o), loop.timers(), loop.inbox(), logs.logs());
  }
  std::unique_ptr<MqttLink> connect(LinkOptions o) {
    auto link = make_link(std::move(o));
    link->start();
    REQUIRE(run_until([&] { return link->connected(); }));
    return link;
  }
  // Returns when the broker has confirmed the subscription.
  void subscribe(MqttLink& link, const std::string& filter, int qos) {
    link.subscribe(filter, qos);
    std::string seen;
    auto heard = std::exchange(link.on_message, [&](const Message& m) { seen = m.payload; });
    link.subscribe("fixture/sync", 0);
    link.publish({.message = {.topic = "fixture/sync", .payload = "now"}});
    REQUIRE(run_until([&] { return seen == "now"; }));
    link.unsubscribe("fixture/sync");
    link.on_message = std::move(heard);
  }
};

}  // namespace engine::test
