#include "core/devices/message_router.h"

#include <utility>

#include "tests/support/captured_logs.h"
#include "tests/support/catch.h"
#include "tests/support/fake_link.h"

using namespace engine;
using namespace std::chrono_literals;

namespace {

constexpr uint64_t kScene = 1;

struct Fixture {
  explicit Fixture(DeviceOptions options = {}) : devices(timers, std::move(options), logs) {
    bus.attach(&link);
    tracker.begin(kScene);
  }

  VirtualClock clock;
  Timers timers{clock};
  test::CapturedLogs logs;
  test::FakeLink link;
  Bus bus{timers};
  DeviceRegistry devices;
  FeedbackTracker tracker{timers, FeedbackRules{}, logs};
  MessageRouter router{bus, devices, tracker, logs};
  int confirmed = 0;

  void expect(const std::string& topic) { REQUIRE(tracker.expect(kScene, topic)); }
  void send(const std::string& topic) {
    expect(topic);
    tracker.track(kScene, topic, {}, {}, [this](const FeedbackEvent& event) {
      confirmed += event.result == FeedbackResult::ok;
    });
  }
  void incoming(const std::string& topic, const std::string& payload, bool retain = false) {
    bus.deliver({.topic = topic, .payload = payload, .retain = retain});
  }
  std::string asked() { return std::exchange(link.log, {}); }
};

struct TwoFilters : Fixture {
  TwoFilters() : Fixture({.status_filters = {"devices/+/status", "+/esp32_01/status"}}) {}
};

}  // namespace

TEST_CASE_METHOD(Fixture, "status topics are subscribed from the beginning") {
  CHECK(asked() == "sub devices/+/status 1;");
}

TEST_CASE_METHOD(Fixture, "feedback topics are subscribed before the command is sent, and kept") {
  asked();
  expect("room1/light");
  CHECK(asked() == "sub room1/status 1;sub room1/light/feedback 1;");
  expect("room1/light");
  expect("room1/motor");
  CHECK(asked() == "sub room1/motor/feedback 1;");
  tracker.end(kScene);
  CHECK(asked().empty());
  CHECK(router.feedback_subscriptions() == 3);
}

TEST_CASE_METHOD(Fixture, "a topic that the status filters bring is not subscribed twice") {
  asked();
  expect("devices/esp32_01/relay");
  CHECK(asked() == "sub devices/esp32_01/relay/feedback 1;");
}

TEST_CASE_METHOD(Fixture, "presence goes to the registry, confirmations to the tracker") {
  send("devices/esp32_01/relay");
  incoming("devices/esp32_01/status", "online");
  CHECK(confirmed == 0);
  CHECK(devices.find("esp32_01")->presence == Presence::online);
  incoming("devices/esp32_01/status", "OK");
  CHECK(confirmed == 1);
  CHECK(devices.find("esp32_01")->presence == Presence::online);
}

TEST_CASE_METHOD(Fixture, "a room's confirmations reach the tracker") {
  send("room1/light");
  send("room1/motor");
  incoming("room1/status", "OK");
  CHECK(confirmed == 1);
  incoming("room1/motor/feedback", "ACTIVE");
  CHECK(confirmed == 2);
}

TEST_CASE_METHOD(Fixture, "what nobody waits for is a debug line") {
  send("room1/light");
  incoming("room1/light/feedback", "OK");
  incoming("room1/status", "OK");
  CHECK(logs.has("[DEBUG] mqtt_feedback - Unexpected feedback on room1/status: OK"));
  incoming("devices/esp32_01/status", "OK");
  CHECK(logs.has("[DEBUG] mqtt_feedback - Unexpected feedback on devices/esp32_01/status: OK"));
  incoming("devices/esp32_01/status", "{\"rssi\":-60}");
  CHECK(
      logs.has("[DEBUG] mqtt_handler - Unhandled message on devices/esp32_01/status: "
               "{\"rssi\":-60}"));
}

TEST_CASE_METHOD(Fixture, "a retained confirmation is handled by nobody") {
  send("devices/esp32_01/relay");
  incoming("devices/esp32_01/status", "OK", true);
  CHECK(confirmed == 0);
  CHECK(logs.has("[DEBUG] mqtt_handler - Unhandled message on devices/esp32_01/status: OK"));
}

TEST_CASE_METHOD(Fixture, "binary and huge payloads make short lines") {
  incoming("devices/esp32_01/status", std::string(1 << 20, '\0'));
  CHECK(logs.lines().back().size() < 400);
}

TEST_CASE_METHOD(Fixture, "messages on other topics do not pass through it") {
  incoming("room1/button1", "PRESSED");
  incoming("room1/status", "OK");
  CHECK(logs.lines().empty());
}

TEST_CASE_METHOD(TwoFilters, "a message that two status filters match counts once") {
  send("devices/esp32_01/relay");
  send("devices/esp32_01/lamp");
  incoming("devices/esp32_01/status", "OK");
  CHECK(confirmed == 1);
}

TEST_CASE_METHOD(Fixture, "kept feedback topics are bounded, the least recently used goes first") {
  logs.logs().set_default_level(spdlog::level::warn);
  for (int i = 0; i < 600; ++i) {
    expect("room" + std::to_string(i) + "/light");
    expect("room1/light");  // Used all the time, so never given up.
  }
  CHECK(router.feedback_subscriptions() == MessageRouter::kMostFeedbackTopics);
  CHECK(asked().find("unsub room1/status;") == std::string::npos);
  asked();
  expect("room0/light");
  CHECK(asked() ==
        "sub room0/status 1;sub room0/light/feedback 1;unsub room101/status;"
        "unsub room101/light/feedback;");
  expect("room1/light");
  expect("room599/light");
  CHECK(asked().empty());
}

TEST_CASE_METHOD(Fixture, "a topic that a command waits on is kept beyond the bound") {
  logs.logs().set_default_level(spdlog::level::warn);
  for (int i = 0; i < 600; ++i) send("room" + std::to_string(i) + "/light");
  expect("room/light");
  CHECK(router.feedback_subscriptions() == 1202);
  incoming("room0/status", "OK");
  CHECK(confirmed == 1);
  expect("room/motor");  // One has come; room0's two and room/light/feedback have gone.
  CHECK(router.feedback_subscriptions() == 1200);
}

TEST_CASE_METHOD(Fixture, "nothing stays subscribed when it is gone") {
  Bus other(timers);
  {
    MessageRouter short_lived(other, devices, tracker, logs);
    expect("room1/light");
    CHECK(other.subscriptions() == 3);
  }
  CHECK(other.subscriptions() == 0);
  expect("room2/light");
}
