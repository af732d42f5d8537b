#include "core/mqtt/outgoing_window.h"

#include <string>

#include "tests/support/catch.h"

using namespace engine;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  OutgoingWindow window{{.in_flight = 2, .unwritten = 3, .queue = 5, .drop_after = 5s}};
  SteadyTime now{};

  OutgoingWindow::Ticket add(const std::string& payload, int qos, Offline offline) {
    Message message{.topic = "t", .payload = payload, .qos = qos};
    const auto ticket =
        window.add({.message = message, .offline = offline, .on_delivery = {}}, now);
    return ticket.value_or(0);
  }
  // Hands over what there is room for.
  std::string sent() {
    std::string result;
    while (const auto outgoing = window.next()) result += outgoing->message->payload;
    return result;
  }
  static std::string payloads(const std::vector<Publication>& publications) {
    std::string result;
    for (const Publication& p : publications) result += p.message.payload;
    return result;
  }
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

TEST_CASE_METHOD(Fixture, "window: a full queue refuses and leaves the publication untouched") {
  for (int i = 0; i < 5; ++i) CHECK(add("x", 1, Offline::queue) != 0);
  Publication extra{.message = {.topic = "t", .payload = "kept", .qos = 1},
                    .offline = Offline::queue,
                    .on_delivery = {}};
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
  CHECK(sent() == "cab");
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
