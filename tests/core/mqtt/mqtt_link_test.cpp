#include "core/mqtt/mqtt_link.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/core/mqtt/fake_clients.h"
#include "tests/support/captured_logs.h"
#include "tests/support/catch.h"

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

struct Fixture {
  VirtualClock clock;
  Timers timers{clock};
  test::CapturedLogs logs;
  test::FakeNetwork network;
  std::string events;  // + connected, - lost.
  Strings deliveries;

  std::unique_ptr<MqttLink> make(LinkOptions o = options()) {
    auto link = std::make_unique<MqttLink>(std::move(o), timers, logs, network.clients(), 7);
    link->on_connection = [this](bool up) { events += up ? '+' : '-'; };
    return link;
  }
  std::unique_ptr<MqttLink> connected(LinkOptions o = options()) {
    auto link = make(std::move(o));
    link->start();
    network.accept();
    network.log.clear();
    return link;
  }
  PublishOutcome publish(MqttLink& link, const std::string& payload, int qos, Offline offline) {
    return link.publish({.message = {.topic = "t", .payload = payload, .qos = qos},
                         .offline = offline,
                         .on_delivery = [this, payload](bool delivered) {
                           deliveries.push_back(payload + (delivered ? " ok" : " dropped"));
                         }});
  }
  void tick(Duration by) { advance(clock, timers, by); }
  size_t attempts() const {
    return static_cast<size_t>(
        std::count_if(network.log.begin(), network.log.end(),
                      [](const std::string& line) { return line.starts_with("connect "); }));
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "link: five first tries, two seconds apart, then simulation, and on") {
  const auto link = make();
  link->start();
  for (int i = 1; i <= 5; ++i) {
    CHECK(attempts() == static_cast<size_t>(i));
    network.refuse("connection refused");
    if (i < 5) tick(1999ms);
    CHECK(attempts() == static_cast<size_t>(i));
    if (i < 5) tick(1ms);
  }
  CHECK(logs.has("[WARNING] mqtt - No broker after 5 tries: running in simulation"));
  CHECK(attempts() == 5);
  tick(2s);
  CHECK(attempts() == 6);  // Backoff begins between one and two seconds.
  for (int i = 0; i < 10; ++i) {
    network.refuse("connection refused");
    while (!network.alive) tick(1s);
  }
  CHECK(attempts() == 16);
  CHECK(logs.count("running in simulation") == 1);
  CHECK_FALSE(link->connected());
}

TEST_CASE_METHOD(Fixture, "link: broker addresses are tried in turn, one per attempt") {
  LinkOptions o = options();
  o.brokers = {"tcp://a:1883", "tcp://b:1883"};
  const auto link = make(o);
  link->start();
  network.refuse("no");
  tick(2s);
  network.refuse("no");
  tick(2s);
  CHECK(network.log == Strings{"connect tcp://a:1883", "close", "connect tcp://b:1883", "close",
                               "connect tcp://a:1883"});
}

TEST_CASE_METHOD(Fixture, "link: a failure that repeats itself warns once, another one again") {
  const auto link = make();
  link->start();
  network.refuse("refused");
  tick(2s);
  network.refuse("refused");
  tick(2s);
  network.refuse("not authorized");
  CHECK(logs.count("[WARNING] mqtt - Cannot connect to tcp://a:1883: refused") == 1);
  CHECK(logs.count("[DEBUG] mqtt - Cannot connect to tcp://a:1883: refused") == 1);
  CHECK(logs.count("[WARNING] mqtt - Cannot connect to tcp://a:1883: not authorized") == 1);
}

TEST_CASE_METHOD(Fixture, "link: an attempt without an answer is given up after the timeout") {
  const auto link = make();
  link->start();
  tick(9999ms);
  CHECK(network.alive);
  tick(1ms);
  CHECK_FALSE(network.alive);
  CHECK(logs.has("Cannot connect to tcp://a:1883: no answer within 10 s"));
  tick(2s);
  CHECK(attempts() == 2);
}

TEST_CASE_METHOD(Fixture, "link: subscriptions are restored before anything queued is sent") {
  const auto link = make();
  link->subscribe("room1/+", 1);
  link->subscribe("devices/#", 0);
  link->start();
  CHECK(publish(*link, "early", 1, Offline::queue) == PublishOutcome::queued);
  network.accept();
  CHECK(link->connected());
  CHECK(events == "+");
  CHECK(publish(*link, "live", 0, Offline::drop) == PublishOutcome::queued);
  CHECK(network.log ==
        Strings{"connect tcp://a:1883", "subscribe devices/# 0", "subscribe room1/+ 1"});
  network.log.clear();
  network.confirm_subscriptions();
  CHECK(network.log == Strings{"publish t=live", "publish t=early"});
  CHECK(logs.has("[INFO] mqtt - Connected to tcp://a:1883"));
}

TEST_CASE_METHOD(Fixture, "link: a subscription made in on_connection goes out once, and before") {
  const auto link = make();
  link->on_connection = [&](bool) { link->subscribe("new/#", 1); };
  link->start();
  publish(*link, "a", 1, Offline::queue);
  network.accept();
  CHECK(network.texts().empty());
  network.confirm_subscriptions();
  CHECK(network.log == Strings{"connect tcp://a:1883", "subscribe new/# 1", "publish t=a"});
}

TEST_CASE_METHOD(Fixture, "link: subscriptions that were given up are not restored") {
  const auto link = connected();
  link->subscribe("a", 0);
  link->subscribe("b", 0);
  link->unsubscribe("a");
  CHECK(network.log == Strings{"subscribe a 0", "subscribe b 0", "unsubscribe a"});
  network.lose();
  tick(2s);
  network.log.clear();
  network.accept();
  CHECK(network.log == Strings{"subscribe b 0"});
}

TEST_CASE_METHOD(Fixture, "link: a refused subscription is a warning that names the filter") {
  const auto link = make();
  link->subscribe("secret/#", 0);
  link->start();
  publish(*link, "a", 1, Offline::queue);
  network.accept();
  network.refuse_subscription("not authorized, code 135");
  CHECK(
      logs.has("[WARNING] mqtt - The broker refuses the subscription to 'secret/#' "
               "(not authorized, code 135)"));
  CHECK(network.texts() == "t=a ");  // And life goes on.
}

TEST_CASE_METHOD(Fixture, "link: a broker that does not confirm subscriptions is left") {
  const auto link = make();
  link->subscribe("a", 0);
  link->start();
  network.accept();
  tick(10s);
  CHECK_FALSE(link->connected());
  CHECK(events == "+-");
}

TEST_CASE_METHOD(Fixture, "link: the window moves on with each confirmation, in order") {
  const auto link = connected();
  CHECK(publish(*link, "1", 1, Offline::queue) == PublishOutcome::sent);
  CHECK(publish(*link, "2", 2, Offline::queue) == PublishOutcome::sent);
  CHECK(publish(*link, "3", 1, Offline::queue) == PublishOutcome::queued);
  CHECK(network.texts() == "t=1 t=2 ");
  CHECK(deliveries.empty());
  network.settle();
  CHECK(network.texts() == "t=2 t=3 ");
  network.settle_all();
  CHECK(deliveries == Strings{"1 ok", "2 ok", "3 ok"});
  CHECK(link->stats().sent == 3);
}

TEST_CASE_METHOD(Fixture, "link: the broker's receive maximum bounds the window") {
  const auto link = make();
  link->start();
  network.accept({.receive_maximum = 1});
  publish(*link, "1", 1, Offline::queue);
  publish(*link, "2", 1, Offline::queue);
  CHECK(network.texts() == "t=1 ");
}

TEST_CASE_METHOD(Fixture, "link: data in flight at a loss is sent again first, and in its order") {
  const auto link = connected();
  for (const char* payload : {"1", "2", "3", "4"}) publish(*link, payload, 1, Offline::queue);
  network.settle();
  network.lose();
  CHECK(events == "+-");
  tick(2s);
  network.accept();
  network.settle_all();
  CHECK(deliveries == Strings{"1 ok", "2 ok", "3 ok", "4 ok"});
  CHECK(network.log == Strings{"publish t=1", "publish t=2", "publish t=3", "close",
                               "connect tcp://a:1883", "publish t=2", "publish t=3",
                               "publish t=4"});
  CHECK(link->stats().reconnects == 1);
}

TEST_CASE_METHOD(Fixture, "link: a cue in flight or waiting at a loss is dropped, and said so") {
  const auto link = connected();
  for (const char* payload : {"1", "2", "3"}) publish(*link, payload, 1, Offline::drop);
  publish(*link, "0", 0, Offline::drop);
  network.lose();
  CHECK(deliveries.empty());
  tick(0s);
  CHECK(deliveries == Strings{"1 dropped", "2 dropped", "3 dropped", "0 dropped"});
  CHECK(logs.has("Dropped t: 1 (the connection is lost"));
  CHECK(link->stats().dropped == 4);
  tick(2s);
  network.accept();
  CHECK(network.texts().empty());
}

TEST_CASE_METHOD(Fixture, "link: a cue that waited too long behind a full window is dropped") {
  const auto link = connected();
  publish(*link, "1", 1, Offline::queue);
  publish(*link, "2", 1, Offline::queue);
  publish(*link, "cue", 1, Offline::drop);
  tick(5s);
  network.settle();
  tick(0s);
  CHECK(network.texts() == "t=2 ");
  CHECK(deliveries == Strings{"1 ok", "cue dropped"});
}

TEST_CASE_METHOD(Fixture, "link: without a connection cues are not taken, data is, to the limit") {
  const auto link = make();
  link->start();
  CHECK(publish(*link, "cue", 0, Offline::drop) == PublishOutcome::dropped);
  for (const char* payload : {"1", "2", "3", "4", "5", "6"}) {
    CHECK(publish(*link, payload, 1, Offline::queue) == PublishOutcome::queued);
  }
  CHECK(deliveries.empty());  // Never from within the call.
  tick(0s);
  CHECK(deliveries == Strings{"cue dropped", "1 dropped", "2 dropped"});
  CHECK(link->stats().queued == 4);
}

TEST_CASE_METHOD(Fixture, "link: cues beyond the limit behind a full window are not taken") {
  const auto link = connected();
  for (const char* payload : {"1", "2", "3", "4", "5", "6"}) {
    CHECK(publish(*link, payload, 1, Offline::drop) != PublishOutcome::dropped);
  }
  CHECK(publish(*link, "7", 1, Offline::drop) == PublishOutcome::dropped);
  CHECK(publish(*link, "8", 1, Offline::drop) == PublishOutcome::dropped);
  CHECK(publish(*link, "data", 1, Offline::queue) == PublishOutcome::queued);
  CHECK(deliveries.empty());
  tick(0s);
  CHECK(deliveries == Strings{"7 dropped", "8 dropped"});
  CHECK(logs.count("[WARNING] mqtt - The queue is full (4 messages wait): dropping what comes, "
                   "first t: 7") == 1);
}

TEST_CASE_METHOD(Fixture,
                 "link: a message the broker cannot take now is tried again in its place") {
  const auto link = connected();
  for (const char* payload : {"1", "2", "3"}) publish(*link, payload, 1, Offline::queue);
  network.settle(Receipt::returned, "quota exceeded");
  network.settle();  // "2" is through; nothing new is sent meanwhile.
  CHECK(network.texts().empty());
  tick(1s);
  CHECK(network.texts() == "t=1 t=3 ");
}

TEST_CASE_METHOD(Fixture,
                 "link: a message the broker refuses is dropped with a warning, not looped") {
  const auto link = connected();
  publish(*link, "1", 1, Offline::queue);
  network.settle(Receipt::refused, "not authorized, code 135");
  tick(1min);
  CHECK(network.texts().empty());
  CHECK(deliveries == Strings{"1 dropped"});
  CHECK(logs.has("[WARNING] mqtt - The broker refuses t: 1 (not authorized, code 135): dropped"));
}

TEST_CASE_METHOD(Fixture, "link: a message larger than the broker takes is not sent") {
  const auto link = make();
  link->start();
  network.accept({.receive_maximum = 20, .maximum_packet = 100});
  publish(*link, std::string(100, 'x'), 1, Offline::queue);
  publish(*link, "small", 1, Offline::queue);
  CHECK(network.texts() == "t=small ");
  CHECK(logs.has("The broker takes at most 100 bytes"));
}

TEST_CASE_METHOD(Fixture,
                 "link: a library that takes nothing is asked again later, not in a circle") {
  const auto link = connected();
  network.takes_messages = false;
  CHECK(publish(*link, "1", 1, Offline::queue) == PublishOutcome::queued);
  network.takes_messages = true;
  tick(1s);
  CHECK(network.texts() == "t=1 ");
}

TEST_CASE_METHOD(Fixture, "link: publishing from a delivery callback keeps the order") {
  const auto link = connected();
  link->publish({.message = {.topic = "t", .payload = "1", .qos = 1},
                 .offline = Offline::queue,
                 .on_delivery = [&](bool) { publish(*link, "3", 1, Offline::queue); }});
  publish(*link, "2", 1, Offline::queue);
  network.settle();
  CHECK(network.texts() == "t=2 t=3 ");
}

TEST_CASE_METHOD(Fixture, "link: connections that do not hold are tried less and less often") {
  const auto link = connected();
  SteadyTime before = clock.now();
  std::vector<Duration> delays;
  for (int i = 0; i < 4; ++i) {
    network.lose();
    while (!network.alive) tick(100ms);
    delays.push_back(clock.now() - before);
    network.accept();
    before = clock.now();
  }
  CHECK(delays[0] <= 2100ms);
  CHECK(delays[3] >= 8s);
  CHECK(logs.count("is another client using the id") == 1);
  tick(1min);
  before = clock.now();
  network.lose();
  while (!network.alive) tick(100ms);
  CHECK(clock.now() - before <= 2100ms);
}

TEST_CASE_METHOD(Fixture, "link: flush tells when everything is out") {
  const auto link = connected();
  std::string said;
  publish(*link, "1", 1, Offline::queue);
  publish(*link, "2", 0, Offline::drop);
  link->flush(1s, [&](bool out) { said += out ? "out" : "late"; });
  network.settle();
  tick(0s);
  CHECK(said.empty());
  network.settle();
  CHECK(said == "out");
  link->flush(1s, [&](bool out) { said += out ? " at once" : " late"; });
  CHECK(said == "out");
  tick(0s);
  CHECK(said == "out at once");
}

TEST_CASE_METHOD(Fixture, "link: flush tells when time is up, or when the connection is gone") {
  const auto link = connected();
  std::string said;
  publish(*link, "1", 1, Offline::queue);
  link->flush(1s, [&](bool out) { said += out ? "out " : "late "; });
  tick(1s);
  CHECK(said == "late ");
  link->flush(1s, [&](bool out) { said += out ? "out " : "lost "; });
  network.lose();
  CHECK(said == "late lost ");
  link->flush(1min, [&](bool out) { said += out ? "out " : "none "; });
  tick(0s);
  CHECK(said == "late lost none ");
}

TEST_CASE_METHOD(Fixture, "link: closing drops what waits, says so and never connects again") {
  const auto link = connected();
  publish(*link, "1", 1, Offline::queue);
  link->close();
  CHECK_FALSE(network.alive);
  tick(1h);
  CHECK(deliveries == Strings{"1 dropped"});
  CHECK(attempts() == 0);
  CHECK(publish(*link, "2", 1, Offline::queue) == PublishOutcome::dropped);
  CHECK(logs.has("[INFO] mqtt - Disconnected from tcp://a:1883"));
}

TEST_CASE_METHOD(Fixture, "link: the library is kept awake while connected, and only then") {
  const auto link = connected();
  tick(MqttClient::kAwakePeriod * 3);
  CHECK(network.kept_awake == 3);
  network.lose();
  tick(1s);
  CHECK(network.kept_awake == 3);
}

TEST_CASE_METHOD(Fixture, "link: receipts are hurried while something waits for them") {
  const auto link = connected();
  CHECK(network.collections == 0);
  publish(*link, "1", 1, Offline::queue);
  publish(*link, "2", 1, Offline::queue);
  CHECK_FALSE(network.hurried);
  tick(10ms);
  CHECK(network.collections == 1);
  publish(*link, "3", 1, Offline::queue);  // Behind a full window.
  CHECK(network.hurried);
  network.settle();
  CHECK_FALSE(network.hurried);
  link->flush(1s, [](bool) {});
  CHECK(network.hurried);
  network.settle_all();
  CHECK_FALSE(network.hurried);
  const int before = network.collections;
  tick(1s);
  CHECK(network.collections <= before + 1);  // Nothing is under way.
}

TEST_CASE_METHOD(Fixture, "link: destroyed at any moment it leaves no timer behind") {
  make()->start();
  connected();
  {
    const auto link = connected();
    publish(*link, "1", 1, Offline::queue);
    network.lose();
    link->flush(1s, [](bool) { FAIL("told after its end"); });
  }
  {
    const auto link = connected();
    network.takes_messages = false;
    publish(*link, "1", 1, Offline::queue);
  }
  tick(0s);
  CHECK(timers.size() == 0);
}

TEST_CASE_METHOD(Fixture, "link: arriving messages are handed on and counted") {
  const auto link = connected();
  std::string got;
  link->on_message = [&](const Message& message) { got += message.topic + "=" + message.payload; };
  network.arrive({.topic = "a", .payload = std::string("\0x", 2)});
  CHECK(got == std::string("a=\0x", 4));
  CHECK(link->stats().received == 1);
}

TEST_CASE_METHOD(Fixture, "link: what is published is in the log, printable") {
  const auto link = connected();
  publish(*link, "ON\x01", 0, Offline::drop);
  CHECK(logs.has("[DEBUG] mqtt - Publishing to t: ON\\x01"));
}
