// What a kill -9 leaves of what was to be sent.
#include <sys/mman.h>

#include "tests/core/mqtt/queue_fixture.h"

using namespace engine;
using namespace engine::test;

TEST_CASE_METHOD(QueueFixture, "queue: a kill -9 takes nothing that was queued, however recently") {
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

TEST_CASE_METHOD(QueueFixture, "queue: a kill -9 brings nothing back that was settled") {
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

TEST_CASE_METHOD(QueueFixture,
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

TEST_CASE_METHOD(QueueFixture,
                 "queue: a kill -9 takes nothing when its shared memory's name went") {
  const std::string name = CrashBuffer::name_for("engine-queue", folder / "store.sqlite");
  killed_after([&] {
    publish("1");
    publish("2");
    for (const char* half : {"-a", "-b"}) ::shm_unlink((name + half).c_str());
    store->flush();  // It is noticed.
    publish("3");
  });
  connect();
  CHECK(arrived() == Strings{"t=1", "t=2", "t=3"});
}

TEST_CASE_METHOD(QueueFixture, "queue: after a kill -9 a message has its bytes and properties") {
  const Message sent = full_message();
  killed_after([&] { link->publish({.message = sent, .offline = Offline::queue}); });
  connect();
  network.settle_all();
  REQUIRE(network.messages.size() == 1);
  check_same(network.messages[0], sent);
}
