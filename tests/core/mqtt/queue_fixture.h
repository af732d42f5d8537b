#pragma once

#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/mqtt/mqtt_link.h"
#include "core/store/key_value.h"
#include "tests/core/mqtt/fake_clients.h"
#include "tests/support/captured_logs.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

// What a link keeps through outages and restarts, in virtual time, on a store in a real file.
namespace engine::test {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

inline LinkOptions options() {
  LinkOptions result;
  result.brokers = {"tcp://a:1883"};
  result.max_inflight = 2;
  result.queue_limit = 4;
  return result;
}

inline LinkOptions roomy() {
  LinkOptions result = options();
  result.queue_limit = 100'000;
  return result;
}

// With all that a message can have.
inline Message full_message() {
  return {.topic = "a/ü",
          .payload = std::string("\0\xff 0042", 7),
          .qos = 2,
          .retain = true,
          .response_topic = "answer/here",
          .correlation_data = std::string("\0\x01", 2),
          .content_type = "text/plain",
          .user_properties = {{"a", "1"}, {"a", "2"}}};
}

inline void check_same(const Message& got, const Message& sent) {
  CHECK(got.topic == sent.topic);
  CHECK(got.payload == sent.payload);
  CHECK(got.qos == sent.qos);
  CHECK(got.retain == sent.retain);
  CHECK(got.response_topic == sent.response_topic);
  CHECK(got.correlation_data == sent.correlation_data);
  CHECK(got.content_type == sent.content_type);
  CHECK(got.user_properties == sent.user_properties);
}

// One engine after the other on the same files.
struct QueueFixture {
  TempFolder folder;
  CapturedLogs logs;
  VirtualClock clock;
  Timers timers{clock};
  FakeNetwork network;
  std::unique_ptr<Store> store;
  std::unique_ptr<MqttLink> link;
  Strings deliveries;
  size_t power_cuts = 0;

  QueueFixture() { start(); }

  void start(LinkOptions o = options()) {
    auto opened = Store::open_inline(folder / "store.sqlite", timers, logs);
    REQUIRE(opened);
    store = std::move(*opened);
    link =
        std::make_unique<MqttLink>(std::move(o), timers, logs, network.clients(), 7, store.get());
    link->start();
  }
  // What is on the disk at this moment is all that the next one finds.
  void power_cut(LinkOptions o = options()) {
    const auto aside = folder / ("cut" + std::to_string(++power_cuts));
    std::filesystem::create_directory(aside);
    const Strings names{"store.sqlite", "store.sqlite-wal", "store.sqlite-shm"};
    for (const auto& name : names) std::filesystem::copy(folder / name, aside / name);
    stop();
    for (const auto& name : names) std::filesystem::remove(folder / name);
    for (const auto& name : names) std::filesystem::copy(aside / name, folder / name);
    start(std::move(o));
  }
  void stop() {
    link.reset();
    store.reset();
  }
  // Does it in a process of its own, which is killed right after.
  void killed_after(const std::function<void()>& work, const LinkOptions& o = roomy()) {
    stop();
    const pid_t child = ::fork();
    if (child == 0) {
      start(o);
      work();
      ::raise(SIGKILL);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    start(o);
  }
  void tick(Duration by) { advance(clock, timers, by); }

  PublishOutcome publish(const std::string& payload, Offline offline = Offline::queue,
                         const std::string& topic = "t", Duration max_age = {}) {
    return link->publish({.message = {.topic = topic, .payload = payload, .qos = 1},
                          .offline = offline,
                          .max_age = max_age,
                          .on_delivery = [this, payload](bool delivered) {
                            deliveries.push_back(payload + (delivered ? " ok" : " dropped"));
                          }});
  }
  void connect() {
    while (!network.alive) tick(1s);
    network.log.clear();
    network.accept();
    network.confirm_subscriptions();
  }
  // What arrives at a broker that confirms everything.
  Strings arrived() {
    Strings result;
    while (!network.under_way.empty()) {
      result.push_back(network.under_way.front().text);
      network.settle();
    }
    return result;
  }
  int rows() { return static_cast<int>(store->load({"SELECT id FROM outgoing", {}}).size()); }
};

}  // namespace engine::test
