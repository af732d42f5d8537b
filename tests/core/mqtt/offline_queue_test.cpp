// What a link keeps through outages and restarts, in virtual time, on a store in a real file.
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/mqtt/mqtt_link.h"
#include "core/store/key_value.h"
#include "tests/core/mqtt/fake_clients.h"
#include "tests/support/captured_logs.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

using namespace engine;
using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

namespace {

LinkOptions options() {
  LinkOptions result;
  result.brokers = {"tcp://a:1883"};
  result.max_inflight = 2;
  result.queue_limit = 4;
  return result;
}

LinkOptions roomy() {
  LinkOptions result = options();
  result.queue_limit = 100'000;
  return result;
}

// One engine after the other on the same files.
struct Fixture {
  test::TempFolder folder;
  test::CapturedLogs logs;
  VirtualClock clock;
  Timers timers{clock};
  test::FakeNetwork network;
  std::unique_ptr<Store> store;
  std::unique_ptr<MqttLink> link;
  Strings deliveries;
  size_t power_cuts = 0;

  Fixture() { start(); }

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

}  // namespace

TEST_CASE_METHOD(Fixture, "queue: what was published during an outage survives a power cut") {
  for (const char* payload : {"1", "2", "3"}) CHECK(publish(payload) == PublishOutcome::queued);
  CHECK(publish("cue", Offline::drop) == PublishOutcome::dropped);
  tick(DiskQueue::kHurry);
  power_cut();
  CHECK(logs.has("[INFO] mqtt - 3 messages of the run before wait for the broker"));
  CHECK(link->stats().kept == 3);
  CHECK(publish("4") == PublishOutcome::queued);
  connect();
  CHECK(arrived() == Strings{"t=1", "t=2", "t=3", "t=4"});
  tick(1s);
  CHECK(rows() == 0);
  power_cut();
  connect();
  CHECK(arrived().empty());
}

TEST_CASE_METHOD(Fixture, "queue: a message keeps its topic, bytes, flags and properties") {
  const Message sent{.topic = "a/ü",
                     .payload = std::string("\0\xff 0042", 7),
                     .qos = 2,
                     .retain = true,
                     .response_topic = "answer/here",
                     .correlation_data = std::string("\0\x01", 2),
                     .content_type = "text/plain",
                     .user_properties = {{"a", "1"}, {"a", "2"}}};
  link->publish({.message = sent, .offline = Offline::latest});
  link->publish({.message = {.topic = "plain", .payload = ""}, .offline = Offline::queue});
  stop();
  start();
  connect();
  network.settle_all();
  REQUIRE(network.messages.size() == 2);
  const Message& got = network.messages[0];
  CHECK(got.topic == sent.topic);
  CHECK(got.payload == sent.payload);
  CHECK(got.qos == 2);
  CHECK(got.retain);
  CHECK(got.response_topic == sent.response_topic);
  CHECK(got.correlation_data == sent.correlation_data);
  CHECK(got.content_type == sent.content_type);
  CHECK(got.user_properties == sent.user_properties);
  CHECK(network.messages[1].topic == "plain");
  CHECK(network.messages[1].qos == 0);
  CHECK_FALSE(network.messages[1].retain);
  CHECK(network.messages[1].user_properties.empty());
}

TEST_CASE_METHOD(Fixture, "queue: what the broker confirms soon never reaches the disk") {
  connect();
  for (int i = 0; i < 1000; ++i) {
    publish(std::to_string(i));
    network.settle();
  }
  store->flush();
  CHECK(rows() == 0);
  CHECK(store->pending() == 0);
  publish("slow");
  tick(Store::kGather);
  CHECK(rows() == 1);
  network.settle();
  tick(Store::kGather);
  CHECK(rows() == 0);
}

TEST_CASE_METHOD(Fixture, "queue: nothing that is stored outlives the messages before it") {
  connect();
  KeyValue values(*store, "test");
  publish("1");
  REQUIRE(values.set("published", "1"));
  store->flush();  // For whatever reason.
  power_cut();
  CHECK(*KeyValue(*store, "test").get("published") == "1");
  connect();
  CHECK(arrived() == Strings{"t=1"});
}

TEST_CASE_METHOD(Fixture, "queue: a lost connection puts on disk what is not confirmed") {
  connect();
  for (const char* payload : {"1", "2", "3"}) publish(payload);
  network.settle();
  network.lose();
  tick(DiskQueue::kHurry);
  power_cut();
  connect();
  CHECK(arrived() == Strings{"t=2", "t=3"});
}

TEST_CASE_METHOD(Fixture, "queue: cut off between confirmation and erasure, one comes twice") {
  for (const char* payload : {"1", "2", "3"}) publish(payload);
  tick(1s);
  connect();
  network.settle();
  network.settle();
  power_cut();  // "1" and "2" are confirmed, and the disk does not know it yet.
  connect();
  CHECK(arrived() == Strings{"t=1", "t=2", "t=3"});
  tick(1s);
  power_cut();
  connect();
  CHECK(arrived().empty());
}

TEST_CASE_METHOD(Fixture, "queue: the oldest give way, on disk too, and a minute has one line") {
  for (int i = 1; i <= 6; ++i) publish(std::to_string(i));
  CHECK(deliveries.empty());  // Never from within the call.
  tick(1s);
  CHECK(deliveries == Strings{"1 dropped", "2 dropped"});
  CHECK(link->stats().displaced == 2);
  CHECK(link->stats().kept == 4);
  CHECK(logs.count("the oldest give way") == 1);
  CHECK(rows() == 4);
  tick(1min);
  publish("7");
  CHECK(
      logs.has("[WARNING] mqtt - The queue is full (4 messages, 408 bytes): the oldest give "
               "way, 3 so far"));
  tick(1s);
  power_cut();
  connect();
  CHECK(arrived() == Strings{"t=4", "t=5", "t=6", "t=7"});
}

TEST_CASE_METHOD(Fixture, "queue: with a lower limit than the run before, the oldest give way") {
  for (const char* payload : {"1", "2", "3", "4"}) publish(payload);
  tick(1s);
  LinkOptions fewer = options();
  fewer.queue_limit = 2;
  power_cut(fewer);
  tick(1s);
  CHECK(rows() == 2);
  connect();
  CHECK(arrived() == Strings{"t=3", "t=4"});
}

TEST_CASE_METHOD(Fixture, "queue: with no room at all, data still goes over a good connection") {
  stop();
  LinkOptions none = options();
  none.queue_limit = 0;
  start(none);
  CHECK(publish("1") == PublishOutcome::dropped);
  connect();
  CHECK(publish("2") == PublishOutcome::sent);
  CHECK(publish("cue", Offline::drop) == PublishOutcome::sent);
  CHECK(arrived() == Strings{"t=2", "t=cue"});
}

TEST_CASE_METHOD(Fixture, "queue: of a state the last one is kept, of each topic") {
  publish("off", Offline::latest, "a");
  publish("on", Offline::latest, "b");
  publish("1");
  tick(1s);
  publish("on", Offline::latest, "a");
  tick(1s);
  CHECK(rows() == 3);
  CHECK(link->stats().outdated == 1);
  power_cut();
  connect();
  CHECK(arrived() == Strings{"b=on", "t=1", "a=on"});
}

TEST_CASE_METHOD(Fixture, "queue: a state that a later one outdates in flight stays outdated") {
  connect();
  publish("off", Offline::latest);
  tick(1s);  // On the disk, not confirmed.
  publish("on", Offline::latest);
  network.settle_nth(1, Receipt::delivered);
  tick(1s);
  power_cut();
  connect();
  CHECK(arrived().empty());
}

TEST_CASE_METHOD(Fixture, "queue: live traffic does not wait behind a backlog") {
  LinkOptions wide = options();
  wide.max_inflight = 8;
  wide.queue_limit = 1000;
  power_cut(wide);
  for (int i = 0; i < 500; ++i) publish(std::to_string(i));
  connect();
  CHECK(network.under_way.size() == 6);
  network.log.clear();
  publish("cue", Offline::drop);
  publish("state", Offline::latest);
  publish("last");
  CHECK(network.log == Strings{"publish t=cue", "publish t=state"});
  const Strings rest = arrived();
  CHECK(rest.size() == 503);
  CHECK(rest.back() == "t=last");
}

TEST_CASE_METHOD(Fixture, "queue: what is too old when its turn comes is dropped and counted") {
  publish("1", Offline::queue, "t", 1h);
  publish("2", Offline::queue, "t", 3h);
  publish("3");
  tick(30min);
  power_cut();
  tick(30min);
  publish("4", Offline::queue, "t", 1h);
  tick(1s);
  connect();
  CHECK(arrived() == Strings{"t=2", "t=3", "t=4"});
  CHECK(link->stats().expired == 1);
  CHECK(logs.count("[WARNING] mqtt - Queued messages are older than they may be: dropped, 1 so "
                   "far") == 1);
  tick(1s);
  CHECK(rows() == 0);
}

TEST_CASE_METHOD(Fixture, "queue: what the broker refuses is not kept for ever") {
  publish("1");
  tick(1s);
  connect();
  network.settle(Receipt::refused, "not authorized");
  tick(1s);
  CHECK(rows() == 0);
}

TEST_CASE_METHOD(Fixture, "queue: a link that is closed keeps what waits for the next run") {
  connect();
  for (const char* payload : {"1", "2", "3"}) publish(payload);
  publish("cue", Offline::drop);
  link->close();
  CHECK(logs.has("[INFO] mqtt - 3 queued messages are kept for the next run"));
  CHECK(logs.has("Dropped t: cue (the link is closed)"));
  stop();
  start();
  connect();
  CHECK(arrived() == Strings{"t=1", "t=2", "t=3"});
}

TEST_CASE_METHOD(Fixture, "queue: messages are taken before the link is started") {
  stop();
  store = std::move(*Store::open_inline(folder / "store.sqlite", timers, logs));
  link = std::make_unique<MqttLink>(options(), timers, logs, network.clients(), 7, store.get());
  CHECK(publish("1") == PublishOutcome::queued);
  CHECK(publish("cue", Offline::drop) == PublishOutcome::dropped);
  link->start();
  connect();
  CHECK(arrived() == Strings{"t=1"});
}

TEST_CASE_METHOD(Fixture, "queue: on a disk that takes nothing the show goes on in memory") {
  const auto sql = [&](const std::string& text) {
    store->write({text, {}});
    store->flush();
  };
  sql("CREATE TRIGGER full BEFORE INSERT ON outgoing BEGIN SELECT RAISE(ABORT, 'disk full'); END");
  for (const char* payload : {"1", "2"}) CHECK(publish(payload) == PublishOutcome::queued);
  tick(10s);
  publish("3");
  tick(10s);
  CHECK(logs.count("[ERROR] store - the store cannot be written: disk full") == 1);
  connect();
  CHECK(arrived() == Strings{"t=1", "t=2", "t=3"});
}

TEST_CASE_METHOD(Fixture, "queue: rows that make no sense are passed over") {
  publish("1");
  tick(1s);
  store->write({"UPDATE outgoing SET properties = x'ff00'", {}});
  store->write(
      {"INSERT INTO outgoing VALUES (99, 9999999999999999, 0, x'74', x'32', 1, 0, 0, NULL)", {}});
  store->flush();
  power_cut();
  connect();
  CHECK(arrived() == Strings{"t=1", "t=2"});  // From the future: as good as new.
}

TEST_CASE_METHOD(Fixture, "queue: numbers and properties of a damaged file do not stop the start") {
  store->write(
      {"INSERT INTO outgoing VALUES (1, -9223372036854775808, -5, x'74', x'31', 7, 0, 0, NULL)",
       {}});
  store->write(
      {"INSERT INTO outgoing VALUES "
       "(2, 1, 9223372036854775807, x'74', x'32', -1, 0, 0, x'94c0c0c081a16101')",
       {}});
  store->flush();
  power_cut();
  connect();
  CHECK(arrived() == Strings{"t=1", "t=2"});
  CHECK(network.messages.at(0).qos == 2);
}

TEST_CASE_METHOD(Fixture, "queue: nothing is left of it when it ends") {
  publish("1");
  network.lose();
  stop();
  tick(0s);
  CHECK(timers.size() == 0);
}

TEST_CASE_METHOD(Fixture, "queue: a kill -9 takes nothing that was queued, however recently") {
  killed_after([this] {
    for (const char* payload : {"1", "2", "3"}) publish(payload);
    tick(1s);  // On the disk.
    connect();
    network.settle();
    publish("4");
    network.lose();
    for (const char* payload : {"5", "6"}) publish(payload);
  });
  CHECK(logs.has("[INFO] mqtt - 6 messages of the run before wait for the broker"));
  CHECK(publish("7") == PublishOutcome::queued);
  connect();
  // "1" was confirmed, and the disk did not know it yet.
  CHECK(arrived() == Strings{"t=1", "t=2", "t=3", "t=4", "t=5", "t=6", "t=7"});
}

TEST_CASE_METHOD(Fixture, "queue: a kill -9 brings nothing back that was settled") {
  killed_after([this] {
    connect();
    publish("1");
    publish("old", Offline::latest, "state");
    network.settle();
    publish("new", Offline::latest, "state");
    publish("2");
  });
  killed_after([] {});  // Nothing happens, and what the first one left is still there.
  connect();
  CHECK(arrived() == Strings{"state=new", "t=2"});
  tick(1s);
  killed_after([] {});
  connect();
  CHECK(arrived().empty());
}

TEST_CASE_METHOD(Fixture,
                 "queue: killed while it was slow to settle, all of a long load is there") {
  const std::string large(1000, 'x');
  killed_after([&] {
    for (int i = 0; i < 3000; ++i) {
      publish(std::to_string(i) + large);
      if (i % 100 == 0) tick(DiskQueue::kHurry);
    }
  });
  connect();
  const Strings all = arrived();
  REQUIRE(all.size() == 3000);
  for (size_t i = 0; i < all.size(); ++i) REQUIRE(all[i] == "t=" + std::to_string(i) + large);
}
