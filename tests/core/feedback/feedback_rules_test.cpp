#include "core/feedback/feedback_rules.h"

#include "tests/support/catch.h"

using namespace engine;

namespace {

using Topics = std::vector<std::string>;

Topics topics(const std::string& command) { return FeedbackRules{}.feedback_topics(command); }

FeedbackRules rules(const std::string& command, Topics feedback) {
  FeedbackRules result;
  result.rules = {{command, std::move(feedback)}};
  return result;
}

Topics expanded(const std::string& command, const std::string& feedback, const std::string& topic) {
  return rules(command, {feedback}).feedback_topics(topic);
}

std::string error_of(const FeedbackRules& checked) {
  const auto result = checked.check();
  return result ? "" : result.error().message;
}

std::string error_of(const std::string& command, const std::string& feedback) {
  return error_of(rules(command, {feedback}));
}

}  // namespace

TEST_CASE("a room's command is confirmed on the room's status or its own feedback topic") {
  CHECK(topics("room1/light") == Topics{"room1/status", "room1/light/feedback"});
  CHECK(topics("room1/effects/smoke") == Topics{"room1/status", "room1/effects/smoke/feedback"});
  CHECK(topics("roomservice/bell") == Topics{"roomservice/status", "roomservice/bell/feedback"});
}

TEST_CASE("a device's command is confirmed on the device's status") {
  CHECK(topics("devices/esp32_01/relay") ==
        Topics{"devices/esp32_01/status", "devices/esp32_01/relay/feedback"});
  CHECK(topics("devices/esp32_01/relay/3") ==
        Topics{"devices/esp32_01/status", "devices/esp32_01/relay/3/feedback"});
}

TEST_CASE("any other command is confirmed beside it") {
  CHECK(topics("garden/pump/main") == Topics{"garden/pump/status", "garden/pump/main/feedback"});
  CHECK(topics("devices/reset") == Topics{"devices/status", "devices/reset/feedback"});
}

TEST_CASE("a topic of one level has no status beside it") {
  CHECK(topics("lamp") == Topics{"lamp/feedback"});
  CHECK(topics("/lamp") == Topics{"/status", "/lamp/feedback"});
}

TEST_CASE("audio, video, status and feedback topics are not confirmed") {
  for (const char* topic : {"room1/audio", "room1/video", "room1/status", "devices/esp32_01/status",
                            "room1/light/feedback", "room1/status/extra"}) {
    CHECK(topics(topic).empty());
  }
  CHECK(topics("room1/audiotape").size() == 2);
}

TEST_CASE("the broker's own topics are nobody's commands") {
  CHECK(topics("$SYS/broker/x").empty());
  CHECK(expanded("*/x", "{1}/status", "$SYS/x").empty());
  CHECK(expanded("$S*/x", "{1}/status", "$SYS/x") == Topics{"$SYS/status"});
}

TEST_CASE("wildcard levels are numbered from 1") {
  CHECK(expanded("a/+/b*/#", "{3}-{2}-{1}", "a/1/bc/d/e") == Topics{"d/e-bc-1"});
  CHECK(expanded("a/#", "ok/{1}", "a/b/c") == Topics{"ok/b/c"});
  CHECK(expanded("a/#", "ok/{1}", "a") == Topics{"ok/"});
  CHECK(expanded("+/b", "ok/{1}/x", "/b") == Topics{"ok//x"});
}

TEST_CASE("patterns match whole levels only") {
  CHECK(expanded("room*", "ok", "room1/light").empty());
  CHECK(expanded("room*", "ok", "room1") == Topics{"ok"});
  CHECK(expanded("room*", "ok", "room") == Topics{"ok"});
  CHECK(expanded("room*", "ok", "bathroom").empty());
  CHECK(expanded("a/+", "ok", "a").empty());
  CHECK(expanded("a/+", "ok", "a/b/c").empty());
}

TEST_CASE("the first rule that matches decides, also that nothing is expected") {
  FeedbackRules silent;
  silent.rules.insert(silent.rules.begin(), {"+/STOP", {}});
  CHECK(silent.feedback_topics("room1/STOP").empty());
  CHECK(silent.feedback_topics("room1/light").size() == 2);
}

TEST_CASE("a feedback topic that two templates yield counts once") {
  CHECK(rules("a/+", {"{parent}/status", "a/status"}).feedback_topics("a/b") == Topics{"a/status"});
}

TEST_CASE("a feedback topic that would be too long for MQTT is left out") {
  const std::string longest(65535, 'x');
  CHECK(topics(longest).empty());
}

TEST_CASE("payloads are judged without regard to case and white space around them") {
  const FeedbackRules defaults;
  CHECK(defaults.verdict("OK") == true);
  CHECK(defaults.verdict(" ok\r\n") == true);
  CHECK(defaults.verdict("Active") == true);
  CHECK(defaults.verdict("INACTIVE") == true);
  CHECK(defaults.verdict("error") == false);
  for (const char* other : {"", "OK!", "O K", "online", "ERRORS", "\xff\xfe"}) {
    CHECK(defaults.verdict(other) == std::nullopt);
  }
  CHECK(defaults.verdict(std::string("OK\0", 3)) == std::nullopt);
  CHECK(defaults.verdict(std::string(1 << 20, 'K')) == std::nullopt);
}

TEST_CASE("the default rules are sound") { CHECK(error_of(FeedbackRules{}).empty()); }

TEST_CASE("a bad command pattern is refused with the rule's number") {
  CHECK(error_of("ro*m/#", "ok") ==
        "feedback rule 1: command 'ro*m/#': '*' may only end a level, as in 'room*'");
  CHECK(error_of("a/#/b", "ok") ==
        "feedback rule 1: command 'a/#/b': topic filter 'a/#/b': '#' must be the last level");
  CHECK_FALSE(error_of("+*/b", "ok").empty());
  CHECK_FALSE(error_of("", "ok").empty());
  CHECK_FALSE(error_of("a**", "ok").empty());
  CHECK(error_of("*", "ok").empty());
}

TEST_CASE("a placeholder without a wildcard to stand for is refused") {
  CHECK(error_of("room*/+", "{3}/status") ==
        "feedback rule 1: feedback '{3}/status': {3}, but the command pattern has 2 wildcard "
        "levels to take it from");
  CHECK(error_of("a/+", "{2}").find("has 1 wildcard level to") != std::string::npos);
  CHECK(error_of("room*/+", "{2}/status").empty());
}

TEST_CASE("a template that is not one is refused") {
  CHECK(error_of("#", "{room}/status") ==
        "feedback rule 1: feedback '{room}/status': {room} is unknown; there are {topic}, {parent} "
        "and {1}, {2}...");
  for (const char* bad : {"", "{topic", "topic}", "{{1}}", "{}", "{0}", "{-1}", "{1x}", "a/+",
                          "a/#", "{99999999999999999999999}"}) {
    INFO(bad);
    CHECK_FALSE(error_of("#", bad).empty());
    CHECK(expanded("#", bad, "a/b").empty());
  }
  CHECK(error_of("#", "{topic}") ==
        "feedback rule 1: feedback '{topic}': a command cannot be its own confirmation");
}

TEST_CASE("words, levels and times that make no sense are refused") {
  FeedbackRules bad;
  SECTION("a word for both") {
    bad.failure = {"ok"};
    CHECK(error_of(bad) == "'OK' cannot mean both success and failure");
  }
  SECTION("an empty word") {
    bad.success = {""};
    CHECK_FALSE(error_of(bad).empty());
  }
  SECTION("a word that could never match") {
    bad.success = {"OK "};
    CHECK_FALSE(error_of(bad).empty());
  }
  SECTION("two levels") {
    bad.unconfirmed_levels = {"room1/audio"};
    CHECK(error_of(bad).find("'room1/audio' is not one plain level") != std::string::npos);
  }
  SECTION("no time") {
    bad.timeout = Duration::zero();
    CHECK_FALSE(error_of(bad).empty());
  }
}
