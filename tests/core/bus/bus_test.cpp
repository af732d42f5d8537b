#include "core/bus/bus.h"

#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/fake_link.h"

using namespace engine;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  VirtualClock clock;
  Timers timers{clock};
  test::FakeLink link;
  Bus bus{timers};
  std::vector<std::string> seen;

  SubscriptionId listen(const std::string& filter, const std::string& name,
                        SubscriptionId successor_of = {}) {
    return bus.subscribe(
        filter, 0,
        [this, name](const Message& m) { seen.push_back(name + " " + m.topic + "=" + m.payload); },
        successor_of);
  }
  void incoming(const std::string& topic, const std::string& payload, bool retain = false) {
    bus.deliver({.topic = topic, .payload = payload, .retain = retain});
  }
  PublishOutcome publish(const std::string& topic, const std::string& payload,
                         Offline offline = Offline::drop) {
    return bus.publish({.message = {.topic = topic, .payload = payload}, .offline = offline});
  }
  std::vector<std::string> taken() { return std::exchange(seen, {}); }
  using Seen = std::vector<std::string>;
};

}  // namespace

TEST_CASE_METHOD(Fixture, "handlers are called in the order of their subscriptions") {
  listen("#", "first");
  listen("a/+", "second");
  listen("a/b", "third");
  listen("x", "other");
  incoming("a/b", "1");
  CHECK(taken() == Seen{"first a/b=1", "second a/b=1", "third a/b=1"});
}

TEST_CASE_METHOD(Fixture, "a handler may cancel itself and others while a message is delivered") {
  SubscriptionId self, other;
  self = bus.subscribe("a", 0, [&](const Message&) {
    seen.push_back("once");
    bus.unsubscribe(self);
    bus.unsubscribe(other);
  });
  other = listen("a", "other");
  incoming("a", "");
  incoming("a", "");
  CHECK(taken() == Seen{"once"});
  CHECK(bus.subscriptions() == 0);
}

TEST_CASE_METHOD(Fixture, "the link sees the first subscription and the last cancellation") {
  bus.attach(&link);
  const auto a = listen("a", "1");
  const auto b = listen("a", "2", a);
  CHECK(link.log == "sub a 0;");
  bus.unsubscribe(a);
  CHECK(link.log == "sub a 0;");
  bus.unsubscribe(b);
  CHECK(link.log == "sub a 0;unsub a;");
}

TEST_CASE_METHOD(Fixture, "subscriptions made before the link came are handed to it") {
  listen("a", "1");
  bus.attach(&link);
  CHECK(link.log == "sub a 0;");
}

TEST_CASE_METHOD(Fixture, "without a link, publications reach local subscribers on the next turn") {
  listen("a", "1");
  CHECK(publish("a", "x") == PublishOutcome::sent);
  CHECK(taken().empty());
  advance(clock, timers, 0s);
  CHECK(taken() == Seen{"1 a=x"});
}

TEST_CASE_METHOD(Fixture, "while the link is down, commands are simulated and data is queued") {
  bus.attach(&link);
  listen("#", "1");
  link.up = false;
  CHECK(publish("room1/light", "ON") == PublishOutcome::simulated);
  CHECK(publish("reading", "42", Offline::queue) == PublishOutcome::queued);
  CHECK(publish("door", "open", Offline::latest) == PublishOutcome::queued);
  advance(clock, timers, 0s);
  CHECK(taken() == Seen{"1 room1/light=ON", "1 reading=42", "1 door=open"});
  CHECK(link.published == Seen{"reading=42", "door=open"});
}

TEST_CASE_METHOD(Fixture, "what was queued is heard once by each, now or when the broker has it") {
  bus.attach(&link);
  const auto first = listen("a/+", "1");
  listen("#", "2");
  link.up = false;
  publish("a/b", "x", Offline::queue);
  publish("a/b", "x", Offline::queue);
  advance(clock, timers, 0s);
  CHECK(taken() == Seen{"1 a/b=x", "2 a/b=x", "1 a/b=x", "2 a/b=x"});
  link.up = true;
  bus.connection_changed(true);

  SECTION("each echo is passed over by who has heard it") {
    listen("a/b", "late");
    incoming("a/b", "x");
    incoming("a/b", "x");
    CHECK(taken() == Seen{"late a/b=x", "late a/b=x"});
    incoming("a/b", "x");  // Somebody else's.
    CHECK(taken().size() == 3);
  }
  SECTION("a successor has heard what its former self has") {
    listen("a/+", "new", first);
    bus.unsubscribe(first);
    incoming("a/b", "x");
    CHECK(taken().empty());
  }
  SECTION("other messages, and retained ones, are none") {
    incoming("a/b", "y");
    incoming("a/b", "x", true);
    CHECK(taken() == Seen{"1 a/b=y", "2 a/b=y", "1 a/b=x", "2 a/b=x"});
  }
  SECTION("what is dropped has no echo") {
    link.deliveries[0](false);
    advance(clock, timers, 0s);
    incoming("a/b", "x");
    CHECK(taken().empty());  // The other's.
    incoming("a/b", "x");
    CHECK(taken().size() == 2);
  }
  SECTION("an echo that does not come is not waited for") {
    link.deliveries[0](true);
    link.deliveries[1](true);
    advance(clock, timers, 10s);
    incoming("a/b", "x");
    CHECK(taken().size() == 2);
  }
}

TEST_CASE_METHOD(Fixture, "a state that was kept is heard again, after what the broker had") {
  bus.attach(&link);
  listen("stop", "1");
  link.up = false;
  publish("stop", "", Offline::latest);
  advance(clock, timers, 0s);
  bus.connection_changed(true);
  incoming("stop", "by hand", true);
  incoming("stop", "");
  CHECK(taken() == Seen{"1 stop=", "1 stop=by hand", "1 stop="});
}

TEST_CASE_METHOD(Fixture,
                 "a connected link gets the message, local subscribers wait for the broker") {
  bus.attach(&link);
  listen("a", "1");
  CHECK(publish("a", "x") == PublishOutcome::sent);
  advance(clock, timers, 0s);
  CHECK(link.published == Seen{"a=x"});
  CHECK(taken().empty());
}

TEST_CASE_METHOD(Fixture, "a retained message reaches a subscription once per connection") {
  bus.attach(&link);
  const auto first = listen("a/+", "1");
  incoming("a/b", "on", true);
  incoming("a/b", "on", true);  // Repeated because of an overlapping filter.
  CHECK(taken() == Seen{"1 a/b=on"});
  incoming("a/b", "on", false);
  CHECK(taken().size() == 1);

  SECTION("a second subscriber makes the broker repeat it, and only that one hears it") {
    listen("a/+", "2");
    CHECK(link.log == "sub a/+ 0;sub a/+ 0;");
    incoming("a/b", "on", true);
    CHECK(taken() == Seen{"2 a/b=on"});
  }
  SECTION("a successor is not told again") {
    listen("a/+", "new", first);
    bus.unsubscribe(first);
    incoming("a/b", "on", true);
    CHECK(taken().empty());
  }
  SECTION("after a reconnect it counts as new") {
    bus.connection_changed(true);
    incoming("a/b", "on", true);
    CHECK(taken() == Seen{"1 a/b=on"});
  }
}

TEST_CASE_METHOD(Fixture,
                 "a copy that is for one subscription reaches only that filter's handlers") {
  bus.attach(&link);
  listen("a/+", "plus");
  listen("a/#", "hash");
  const uint32_t plus = link.ids["a/+"], hash = link.ids["a/#"];
  REQUIRE(plus != hash);
  SECTION("one copy for each filter, as Mosquitto does it") {
    bus.deliver({.topic = "a/b", .payload = "1", .subscription_ids = {plus}});
    CHECK(taken() == Seen{"plus a/b=1"});
    bus.deliver({.topic = "a/b", .payload = "1", .subscription_ids = {hash}});
    CHECK(taken() == Seen{"hash a/b=1"});
  }
  SECTION("one copy for all") {
    bus.deliver({.topic = "a/b", .payload = "1", .subscription_ids = {hash, plus}});
    CHECK(taken() == Seen{"plus a/b=1", "hash a/b=1"});
  }
  SECTION("a copy for a subscription that is gone") {
    bus.deliver({.topic = "a/b", .payload = "1", .subscription_ids = {hash + plus}});
    CHECK(taken().empty());
  }
}

TEST_CASE_METHOD(Fixture, "messages that answer each other without end do not stop the clock") {
  int rounds = 0;
  bus.subscribe("ping", 0, [&](const Message&) { ++rounds, publish("ping", ""); });
  publish("ping", "");
  for (int turn = 0; turn < 10; ++turn) timers.run_due();
  CHECK(rounds == 10);
}
