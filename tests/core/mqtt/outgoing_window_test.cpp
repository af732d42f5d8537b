#include "core/mqtt/outgoing_window.h"

#include <string>

#include "tests/support/catch.h"

using namespace engine;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  explicit Fixture(size_t in_flight = 2)
      : window({.in_flight = in_flight,
                .unwritten = 3,
                .queue = 5,
                .queue_bytes = 1000,
                .drop_after = 5s}) {}

  OutgoingWindow window;
  SteadyTime now{};
  Duration age{};

  OutgoingWindow::Ticket add(const std::string& payload, int qos, Offline offline,
                             const std::string& topic = "t") {
    Message message{.topic = topic, .payload = payload, .qos = qos};
    const auto added = window.add({.message = message, .offline = offline, .max_age = age}, now);
    return added ? added->ticket : 0;
  }
  // Data that was there before the connection.
  void add_backlog(const std::string& payloads) {
    for (const char payload : payloads) add({payload}, 1, Offline::queue);
    window.begin_backlog();
  }
  // Hands over what there is room for.
  std::string sent() {
    std::string result;
    while (const auto outgoing = window.next()) result += outgoing->message->payload;
    return result;
  }
  // The same, and each is confirmed at once.
  std::string confirmed() {
    std::string result;
    while (const auto outgoing = window.next()) {
      result += outgoing->message->payload;
      window.take(outgoing->ticket);
    }
    return result;
  }
  std::string evicted() {
    std::string result;
    while (const auto removed = window.evict()) result += removed->publication.message.payload;
    return result;
  }
  static std::string payloads(const std::vector<OutgoingWindow::Removed>& removed) {
    std::string result;
    for (const auto& one : removed) result += one.publication.message.payload;
    return result;
  }
};

struct WideFixture : Fixture {
  WideFixture() : Fixture(8) {}
};

}  // namespace

TEST_CASE_METHOD(Fixture, "window: no more QoS 1 and 2 than the limit are in flight") {
  const auto first = add("a", 1, Offline::queue);
  add("b", 2, Offline::queue);
  add("c", 1, Offline::queue);
  CHECK(sent() == "ab");
  CHECK(window.in_flight() == 2);
  CHECK(window.queued() == 1);
  window.take(first);
  CHECK(sent() == "c");
}

TEST_CASE_METHOD(Fixture, "window: QoS 0 does not wait behind a full window, but for its own") {
  for (const char* payload : {"a", "b", "c"}) add(payload, 1, Offline::queue);
  CHECK(sent() == "ab");
  const auto first = add("1", 0, Offline::drop);
  CHECK(sent() == "1");
  for (const char* payload : {"2", "3", "4"}) add(payload, 0, Offline::drop);
  CHECK(sent() == "23");
  window.take(first);
  CHECK(sent() == "4");
}

TEST_CASE_METHOD(Fixture, "window: what the broker grants lowers the limit and cannot raise it") {
  window.set_granted(1);
  add("a", 1, Offline::queue);
  add("b", 1, Offline::queue);
  CHECK(sent() == "a");
  window.set_granted(100);
  add("c", 1, Offline::queue);
  CHECK(sent() == "b");
}

TEST_CASE_METHOD(Fixture, "window: too many cues are refused and left untouched") {
  for (int i = 0; i < 5; ++i) CHECK(add("x", 1, Offline::drop) != 0);
  Publication extra{.message = {.topic = "t", .payload = "kept", .qos = 1}};
  CHECK_FALSE(window.add(std::move(extra), now));
  CHECK(extra.message.payload == "kept");
}

TEST_CASE_METHOD(Fixture, "window: what comes back finds its old place") {
  const auto a = add("a", 1, Offline::queue);
  const auto b = add("b", 1, Offline::queue);
  add("c", 1, Offline::queue);
  CHECK(sent() == "ab");
  window.put_back(b);
  window.put_back(a);
  CHECK(sent() == "ab");
  window.take(a);
  window.take(b);
  CHECK(sent() == "c");
}

TEST_CASE_METHOD(Fixture, "window: after a loss the queue goes on in order, and cues are dropped") {
  add("a", 1, Offline::queue);
  add("X", 1, Offline::drop);
  add("b", 1, Offline::queue);
  add("Y", 0, Offline::drop);
  add("c", 0, Offline::queue);
  CHECK(sent() == "YcaX");
  CHECK(payloads(window.connection_lost()) == "XY");
  CHECK(window.in_flight() == 0);
  CHECK(confirmed() == "abc");
}

TEST_CASE_METHOD(WideFixture, "window: a backlog leaves room for what happens now") {
  add_backlog("abcdefghij");
  CHECK(sent() == "abcdef");
  add("X", 1, Offline::drop);
  CHECK(sent() == "X");
  add("Y", 1, Offline::drop);
  CHECK(sent() == "Y");
  add("Z", 0, Offline::drop);
  CHECK(sent() == "Z");
}

TEST_CASE_METHOD(Fixture, "window: a flood of cues and a backlog take turns") {
  window.set_granted(1);
  for (const char* cue : {"X", "Y", "Z"}) add(cue, 1, Offline::drop);
  add_backlog("abcd");
  CHECK(confirmed() == "XaYbZcd");
}

TEST_CASE_METHOD(Fixture, "window: data joins a backlog for its order, states and cues pass it") {
  add_backlog("ab");
  add("c", 1, Offline::queue);
  add("d", 0, Offline::queue);
  add("S", 1, Offline::latest);
  add("X", 1, Offline::drop);
  CHECK(confirmed() == "SaXbcd");
  add("e", 0, Offline::queue);
  add("f", 1, Offline::queue);
  CHECK(confirmed() == "ef");
}

TEST_CASE_METHOD(Fixture, "window: of what is kept, the oldest gives way to the newest") {
  for (const char* payload : {"a", "b", "c", "d", "e", "f", "g"}) add(payload, 1, Offline::queue);
  CHECK(window.kept() == 7);
  CHECK(evicted() == "ab");
  CHECK(window.kept() == 5);
  CHECK(confirmed() == "cdefg");
  CHECK(window.kept() == 0);
  CHECK(window.kept_bytes() == 0);
}

TEST_CASE_METHOD(Fixture, "window: what is kept is bounded in bytes too") {
  add("a", 1, Offline::queue);
  add("b", 1, Offline::queue);
  CHECK(evicted().empty());
  add(std::string(700, 'c'), 1, Offline::queue);
  CHECK(evicted() == "a");
  CHECK(confirmed().size() == 1 + 700);
  CHECK(window.kept_bytes() == 0);
}

TEST_CASE_METHOD(Fixture, "window: what can never have room does not push out the rest") {
  const std::string large(1000, 'L');
  add("a", 1, Offline::queue);
  add(large, 1, Offline::queue);
  add("b", 1, Offline::queue);
  CHECK(evicted() == large);
  window.set_granted(1);
  CHECK(sent() == "a");
  window.connection_lost();
  add(large, 1, Offline::latest);
  CHECK(evicted() == large);
  CHECK(confirmed() == "ab");
  CHECK(window.empty());
}

TEST_CASE_METHOD(Fixture, "window: cues in front of data are not evicted for it") {
  window.set_granted(1);
  add("X", 1, Offline::drop);
  for (const char* payload : {"a", "b", "c", "d", "e", "f"}) add(payload, 1, Offline::queue);
  CHECK(evicted() == "a");
  CHECK(sent() == "X");
}

TEST_CASE_METHOD(Fixture, "window: of a state only the last one waits, of each topic") {
  add("1", 1, Offline::latest, "a");
  add("2", 1, Offline::latest, "b");
  const auto added = window.add(
      {.message = {.topic = "a", .payload = "3", .qos = 1}, .offline = Offline::latest}, now);
  CHECK(added->removed->message.payload == "1");
  CHECK(added->outdated != 0);
  CHECK(window.kept() == 2);
  CHECK(confirmed() == "23");
}

TEST_CASE_METHOD(Fixture,
                 "window: a state in flight that a later one outdates does not come back") {
  const auto first = add("1", 1, Offline::latest);
  CHECK(sent() == "1");
  const auto second = add("2", 1, Offline::latest);
  CHECK_FALSE(window.find(first));
  CHECK(window.find(second));

  SECTION("not when the broker returns it") {
    CHECK(sent() == "2");
    CHECK(window.take(second));
    CHECK(window.put_back(first)->message.payload == "1");
    CHECK(window.empty());
  }
  SECTION("not when the connection is lost") {
    CHECK(payloads(window.connection_lost()) == "1");
    CHECK(confirmed() == "2");
  }
  SECTION("and what comes after both is a state like any") {
    CHECK(sent() == "2");
    window.take(first);
    window.take(second);
    const auto third = add("3", 1, Offline::latest);
    CHECK(window.find(third));
    CHECK(confirmed() == "3");
  }
}

TEST_CASE_METHOD(Fixture, "window: what was restored goes out first, and tickets go on after it") {
  const auto data = [](const std::string& payload) {
    return Publication{.message = {.topic = "t", .payload = payload, .qos = 1},
                       .offline = Offline::queue};
  };
  window.restore(41, data("a"), now);
  window.restore(77, data("b"), now);
  CHECK(add("c", 1, Offline::queue) == 78);
  CHECK(confirmed() == "abc");
}

TEST_CASE_METHOD(Fixture, "window: data with a greatest age is dropped when its turn comes") {
  age = 10s;
  add("a", 1, Offline::queue);
  now += 5s;
  add("b", 1, Offline::queue);
  add("S", 1, Offline::latest);
  window.begin_backlog();
  now += 5s;
  CHECK(window.take_stale(now).empty());
  now += 1s;
  CHECK(payloads(window.take_stale(now)) == "a");
  CHECK(confirmed() == "bS");
}

TEST_CASE_METHOD(Fixture, "window: a waiting cue gets stale, waiting data does not") {
  add("a", 1, Offline::queue);
  add("b", 1, Offline::queue);
  CHECK(sent() == "ab");
  add("X", 1, Offline::drop);
  add("c", 1, Offline::queue);
  now += 4s;
  CHECK(window.take_stale(now).empty());
  now += 1s;
  CHECK(payloads(window.take_stale(now)) == "X");
  CHECK(window.queued() == 1);
}

TEST_CASE_METHOD(Fixture, "window: a late word about a settled or unknown ticket changes nothing") {
  const auto a = add("a", 1, Offline::queue);
  CHECK_FALSE(window.take(a));  // Not handed over yet.
  CHECK(sent() == "a");
  CHECK(window.take(a));
  CHECK_FALSE(window.take(a));
  window.put_back(a);
  window.put_back(12345);
  CHECK(window.empty());
}
