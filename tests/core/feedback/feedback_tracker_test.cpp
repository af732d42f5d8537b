#include "core/feedback/feedback_tracker.h"

#include <utility>

#include "tests/support/captured_logs.h"
#include "tests/support/catch.h"

using namespace engine;
using namespace std::chrono_literals;

namespace {

constexpr uint64_t kScene = 7;

struct Fixture {
  VirtualClock clock;
  Timers timers{clock};
  test::CapturedLogs logs;
  FeedbackTracker tracker{timers, FeedbackRules{}, logs};
  std::string settled;

  Fixture() { tracker.begin(kScene); }

  bool send(const std::string& topic, std::optional<Duration> timeout = {},
            const std::string& correlation = {}, uint64_t owner = kScene) {
    return tracker.track(owner, topic, timeout, correlation,
                         [this](const FeedbackEvent& event) { note(event); });
  }
  void note(const FeedbackEvent& event) {
    static constexpr const char* kNames[] = {"ok", "error", "timeout", "abandoned"};
    settled += event.topic + " " + kNames[static_cast<int>(event.result)] + ";";
  }
  bool answer(const std::string& topic, const std::string& payload,
              const std::string& correlation = {}) {
    return tracker.handle({.topic = topic, .payload = payload, .correlation_data = correlation});
  }
  void tick(Duration by) { advance(clock, timers, by); }
  std::string taken() { return std::exchange(settled, {}); }
  using Lines = std::vector<std::string>;
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a confirmed command is logged with its time") {
  CHECK(send("room1/light"));
  tick(234ms);
  CHECK(answer("room1/status", "OK"));
  CHECK(taken() == "room1/light ok;");
  CHECK(logs.lines() ==
        Lines{"[DEBUG] mqtt_feedback - 📤 Sent: room1/light -> expecting feedback on: room1/status",
              "[INFO] mqtt_feedback - ✅ Feedback OK: room1/light (0.234s)"});
  tick(10s);
  CHECK(taken().empty());
}

TEST_CASE_METHOD(Fixture, "a command that a device refuses has failed") {
  send("room1/light");
  tick(234ms);
  CHECK(answer("room1/status", "error\n"));
  CHECK(taken() == "room1/light error;");
  CHECK(logs.lines().back() ==
        "[WARNING] mqtt_feedback - ❌ Feedback ERROR: room1/light -> 'error' (0.234s)");
}

TEST_CASE_METHOD(Fixture, "a command times out at its time, not before") {
  send("room1/light");
  tick(1s - 1ns);
  CHECK(taken().empty());
  tick(1ns);
  CHECK(taken() == "room1/light timeout;");
  CHECK(logs.lines().back() ==
        "[WARNING] mqtt_feedback - ⏰ Feedback TIMEOUT: room1/light (>1.000s)");
  CHECK(tracker.pending().empty());
}

TEST_CASE_METHOD(Fixture, "a command may have a timeout of its own") {
  send("room1/light", 250ms);
  send("room1/motor", 2s);
  tick(1s);
  CHECK(taken() == "room1/light timeout;");
  CHECK(logs.has("room1/light (>0.250s)"));
  tick(1s);
  CHECK(taken() == "room1/motor timeout;");
}

TEST_CASE_METHOD(Fixture, "a timeout beyond all measure means never, a negative one at once") {
  send("room1/light", Duration::max());
  send("room1/motor", -1s);
  tick(1h);
  CHECK(taken() == "room1/motor timeout;");
}

TEST_CASE_METHOD(Fixture, "confirmations settle the oldest command of their topic") {
  send("room1/light");
  tick(10ms);
  send("room1/steam");
  send("room2/light");
  answer("room1/status", "OK");
  CHECK(taken() == "room1/light ok;");
  answer("room1/status", "ERROR");
  CHECK(taken() == "room1/steam error;");
  CHECK_FALSE(answer("room1/status", "OK"));
  CHECK(taken().empty());
  CHECK(tracker.pending().size() == 1);
}

TEST_CASE_METHOD(Fixture, "newer firmware answers on the command's own feedback topic") {
  send("room1/light");
  send("room1/motor");
  answer("room1/motor/feedback", "ACTIVE");
  CHECK(taken() == "room1/motor ok;");
  answer("room1/status", "INACTIVE");
  CHECK(taken() == "room1/light ok;");
  CHECK_FALSE(tracker.is_waiting_on("room1/motor/feedback"));
}

TEST_CASE_METHOD(Fixture, "two commands to one topic at one time are two") {
  send("room1/light");
  send("room1/light");
  answer("room1/status", "OK");
  CHECK(tracker.pending().size() == 1);
  tick(1s);
  CHECK(taken() == "room1/light ok;room1/light timeout;");
}

TEST_CASE_METHOD(Fixture, "after a timeout the answer counts for the next command") {
  send("room1/light");
  tick(1s);
  send("room1/motor");
  answer("room1/status", "OK");  // Whose, nobody can know.
  CHECK(taken() == "room1/light timeout;room1/motor ok;");
}

TEST_CASE_METHOD(Fixture, "echoed correlation data wins over the order") {
  send("room1/light", {}, "id-1");
  send("room1/motor", {}, "id-2");
  CHECK(answer("room1/status", "OK", "id-2"));
  CHECK(taken() == "room1/motor ok;");
  CHECK(answer("room1/status", "OK", "id-1"));
  CHECK(taken() == "room1/light ok;");
}

TEST_CASE_METHOD(Fixture, "a late answer with correlation data confirms no other command") {
  send("room1/light", {}, "id-1");
  tick(1s);
  send("room1/motor", {}, "id-2");
  CHECK_FALSE(answer("room1/status", "OK", "id-1"));
  CHECK(taken() == "room1/light timeout;");
  CHECK(logs.has("Unexpected feedback on room1/status: OK"));
  CHECK(answer("room1/status", "OK", "id-2"));
  CHECK_FALSE(answer("room1/status", "OK", "id-2"));  // The same message once more.
  CHECK(taken() == "room1/motor ok;");
}

TEST_CASE_METHOD(Fixture, "correlation data that is none of ours leaves the order to decide") {
  send("room1/light", {}, "id-1");
  CHECK(answer("room1/status", "OK", "something else"));
  CHECK(taken() == "room1/light ok;");
}

TEST_CASE_METHOD(Fixture, "the memory of settled correlation data is bounded") {
  for (int i = 0; i < 2000; ++i) {
    send("room1/light", {}, "id-" + std::to_string(i));
    answer("room1/status", "OK", "id-" + std::to_string(i));
  }
  send("room1/motor");
  CHECK_FALSE(answer("room1/status", "OK", "id-1999"));
  CHECK(answer("room1/status", "OK", "id-0"));
}

TEST_CASE_METHOD(Fixture, "other payloads settle nothing") {
  send("room1/light");
  for (const std::string& payload :
       {std::string("online"), std::string(), std::string("OK\0", 3), std::string(1 << 20, 'x')}) {
    CHECK_FALSE(answer("room1/status", payload));
  }
  CHECK(taken().empty());
  CHECK(answer("room1/status", " ok "));
}

TEST_CASE_METHOD(Fixture, "a retained confirmation is stale") {
  send("room1/light");
  CHECK_FALSE(tracker.handle({.topic = "room1/status", .payload = "OK", .retain = true}));
  CHECK(taken().empty());
}

TEST_CASE_METHOD(Fixture, "unexpected feedback is a debug line, short and printable") {
  answer("room1/status", "OK");
  CHECK(logs.lines().back() == "[DEBUG] mqtt_feedback - Unexpected feedback on room1/status: OK");
  answer("room1/status", std::string("\x00\xff", 2) + std::string(1 << 20, 'x'));
  CHECK(logs.lines().back().size() < 400);
  CHECK(logs.lines().back().find("status: \\x00\\xffxxx") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "topics without a confirmation are not tracked") {
  CHECK_FALSE(send("room1/audio"));
  CHECK_FALSE(send("room1/status"));
  CHECK(logs.lines().empty());
  CHECK(tracker.pending().empty());
}

TEST_CASE_METHOD(Fixture, "only commands of a running scene are tracked") {
  CHECK_FALSE(send("room1/light", {}, {}, 8));
  tracker.begin(8);
  CHECK(send("room1/light", {}, {}, 8));
  CHECK(tracker.pending_of(8) == 1);
  CHECK(tracker.pending_of(kScene) == 0);
  tracker.end(8);
  CHECK_FALSE(send("room1/light", {}, {}, 8));
}

TEST_CASE_METHOD(Fixture, "the end of a scene abandons what it waits for, and only that") {
  tracker.begin(8);
  send("room1/light");
  send("room2/light", {}, {}, 8);
  send("room1/motor");
  tracker.end(kScene);
  CHECK(taken() == "room1/light abandoned;room1/motor abandoned;");
  CHECK(logs.count("[WARNING] mqtt_feedback - Scene ended with pending feedback: room1/") == 2);
  CHECK(tracker.pending().size() == 1);
  CHECK(answer("room2/status", "OK"));
  tracker.end(kScene);
  tick(5s);
  CHECK(taken() == "room2/light ok;");
}

TEST_CASE_METHOD(Fixture, "the outcome of one command may settle, send and end others") {
  tracker.track(kScene, "room1/a", {}, {}, [this](const FeedbackEvent& event) {
    note(event);
    answer("room1/b/feedback", "OK");
    CHECK_FALSE(send("room1/late"));
    tracker.end(kScene);
  });
  send("room1/b");
  send("room1/c");
  tracker.end(kScene);
  CHECK(taken() == "room1/a abandoned;room1/b ok;room1/c abandoned;");
  CHECK(tracker.pending().empty());
}

TEST_CASE_METHOD(Fixture, "a command may be sent again from its own timeout") {
  int tries = 0;
  std::function<void(const FeedbackEvent&)> again = [&](const FeedbackEvent& event) {
    note(event);
    if (++tries < 3) tracker.track(kScene, "room1/light", {}, {}, again);
  };
  tracker.track(kScene, "room1/light", {}, {}, again);
  tick(3s);
  CHECK(taken() == "room1/light timeout;room1/light timeout;room1/light timeout;");
  CHECK(tracker.pending().empty());
}

TEST_CASE_METHOD(Fixture, "what waits can be asked, in the order of sending") {
  send("room2/light", 3s);
  tick(100ms);
  send("devices/esp32_01/relay");
  tick(200ms);
  const auto pending = tracker.pending();
  REQUIRE(pending.size() == 2);
  CHECK(pending[0].topic == "room2/light");
  CHECK(pending[0].waited == 300ms);
  CHECK(pending[0].timeout == 3s);
  CHECK(pending[1].feedback_topics ==
        Lines{"devices/esp32_01/status", "devices/esp32_01/relay/feedback"});
  CHECK(tracker.is_waiting_on("devices/esp32_01/status"));
  CHECK_FALSE(tracker.is_waiting_on("room1/status"));
}

TEST_CASE_METHOD(Fixture, "the time of an answer is that of its arrival, not of its handling") {
  tick(10s);
  send("room1/light");
  tick(500ms);
  tracker.handle({.topic = "room1/status", .payload = "OK", .received_at = clock.now() - 300ms});
  CHECK(logs.has("room1/light (0.200s)"));
}

TEST_CASE_METHOD(Fixture,
                 "whoever subscribes hears of the feedback topics before a command is sent") {
  Lines expected;
  tracker.on_expect.connect([&](const Lines& topics) { expected = topics; });
  CHECK(tracker.expect(kScene, "room1/light"));
  CHECK(expected == Lines{"room1/status", "room1/light/feedback"});
  CHECK_FALSE(tracker.expect(kScene, "room1/audio"));
  CHECK_FALSE(tracker.expect(8, "room1/light"));
  CHECK(logs.lines().empty());
}

TEST_CASE_METHOD(Fixture, "new rules count for the commands sent from then on") {
  send("room1/light");
  FeedbackRules other;
  other.rules = {{"#", {"ack/{topic}"}}};
  other.timeout = 5s;
  tracker.set_rules(other);
  send("room1/motor");
  CHECK(answer("room1/status", "OK"));
  CHECK(answer("ack/room1/motor", "OK"));
  CHECK(taken() == "room1/light ok;room1/motor ok;");
}

TEST_CASE_METHOD(Fixture, "a tracker that is gone leaves no timer behind") {
  {
    FeedbackTracker other{timers, FeedbackRules{}, logs};
    other.begin(1);
    other.track(1, "room1/light", {}, {}, [](const FeedbackEvent&) { FAIL("called"); });
  }
  CHECK(timers.size() == 0);
  tick(2s);
}
