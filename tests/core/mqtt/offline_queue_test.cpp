// What outages and power cuts leave of what was to be sent.
#include "tests/core/mqtt/queue_fixture.h"

using namespace engine;
using namespace engine::test;

TEST_CASE_METHOD(QueueFixture, "queue: what was published during an outage survives a power cut") {
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

TEST_CASE_METHOD(QueueFixture, "queue: a message keeps its topic, bytes, flags and properties") {
  const Message sent = full_message();
  link->publish({.message = sent, .offline = Offline::latest});
  link->publish({.message = {.topic = "plain", .payload = ""}, .offline = Offline::queue});
  stop();
  start();
  connect();
  network.settle_all();
  REQUIRE(network.messages.size() == 2);
  check_same(network.messages[0], sent);
  CHECK(network.messages[1].topic == "plain");
  CHECK(network.messages[1].qos == 0);
  CHECK_FALSE(network.messages[1].retain);
  CHECK(network.messages[1].user_properties.empty());
}

TEST_CASE_METHOD(QueueFixture, "queue: what the broker confirms soon never reaches the disk") {
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

TEST_CASE_METHOD(QueueFixture, "queue: nothing that is stored outlives the messages before it") {
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

TEST_CASE_METHOD(QueueFixture, "queue: a lost connection puts on disk what is not confirmed") {
  connect();
  for (const char* payload : {"1", "2", "3"}) publish(payload);
  network.settle();
  network.lose();
  tick(DiskQueue::kHurry);
  power_cut();
  connect();
  CHECK(arrived() == Strings{"t=2", "t=3"});
}

TEST_CASE_METHOD(QueueFixture, "queue: cut off between confirmation and erasure, one comes twice") {
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

TEST_CASE_METHOD(QueueFixture,
                 "queue: the oldest give way, on disk too, and a minute has one line") {
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

TEST_CASE_METHOD(QueueFixture,
                 "queue: with a lower limit than the run before, the oldest give way") {
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

TEST_CASE_METHOD(QueueFixture,
                 "queue: with no room at all, data still goes over a good connection") {
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

TEST_CASE_METHOD(QueueFixture, "queue: of a state the last one is kept, of each topic") {
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

TEST_CASE_METHOD(QueueFixture,
                 "queue: a state that a later one outdates in flight stays outdated") {
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

TEST_CASE_METHOD(QueueFixture, "queue: live traffic does not wait behind a backlog") {
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

TEST_CASE_METHOD(QueueFixture,
                 "queue: what is too old when its turn comes is dropped and counted") {
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

TEST_CASE_METHOD(QueueFixture, "queue: what the broker refuses is not kept for ever") {
  publish("1");
  tick(1s);
  connect();
  network.settle(Receipt::refused, "not authorized");
  tick(1s);
  CHECK(rows() == 0);
}

TEST_CASE_METHOD(QueueFixture, "queue: a link that is closed keeps what waits for the next run") {
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

TEST_CASE_METHOD(QueueFixture, "queue: messages are taken before the link is started") {
  stop();
  store = std::move(*Store::open_inline(folder / "store.sqlite", timers, logs));
  link = std::make_unique<MqttLink>(options(), timers, logs, network.clients(), 7, store.get());
  CHECK(publish("1") == PublishOutcome::queued);
  CHECK(publish("cue", Offline::drop) == PublishOutcome::dropped);
  link->start();
  connect();
  CHECK(arrived() == Strings{"t=1"});
}

TEST_CASE_METHOD(QueueFixture, "queue: on a disk that takes nothing the show goes on in memory") {
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

TEST_CASE_METHOD(QueueFixture, "queue: rows that make no sense are passed over") {
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

TEST_CASE_METHOD(QueueFixture,
                 "queue: numbers and properties of a damaged file do not stop the start") {
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

TEST_CASE_METHOD(QueueFixture, "queue: nothing is left of it when it ends") {
  publish("1");
  network.lose();
  stop();
  tick(0s);
  CHECK(timers.size() == 0);
}
