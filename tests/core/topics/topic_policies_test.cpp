#include "core/topics/topic_policies.h"

#include "core/bus/bus.h"
#include "core/topics/gzip.h"
#include "tests/support/captured_logs.h"
#include "tests/support/catch.h"
#include "tests/support/fake_link.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  VirtualClock clock;
  Timers timers{clock};
  CapturedLogs logs;
  TopicPolicies policies{clock, logs};
  FakeLink link;
  Bus bus{timers};
  std::vector<std::string> seen;

  Fixture() {
    bus.use(policies);
    bus.attach(&link);
    bus.subscribe("#", 0, [this](const Message& m) { seen.push_back(m.topic + "=" + m.payload); });
  }
  void define(std::vector<TopicPolicy> definitions, size_t most_decompressed = 10'000) {
    policies.set(std::move(definitions), most_decompressed);
  }
  PublishOutcome publish(const std::string& topic, const std::string& payload = "x") {
    return bus.publish({.message = {.topic = topic, .payload = payload}});
  }
  // How many of `count` were let through.
  int burst(const std::string& topic, int count) {
    int sent = 0;
    while (count-- > 0) sent += publish(topic) == PublishOutcome::sent ? 1 : 0;
    return sent;
  }
  void pass(Duration time) { advance(clock, timers, time); }
  TopicCounters counters(size_t definition = 0) { return policies.list()[definition].counters; }
};

TopicPolicy limited(const std::string& filter, int messages, Duration window) {
  return {.filter = filter, .rate = RateLimit{messages, window}, .place = "a.toml:3"};
}

}  // namespace

TEST_CASE_METHOD(Fixture, "topics: the first definition that matches counts") {
  define({{.filter = "a/b", .qos = 2}, {.filter = "a/+", .qos = 1}, {.filter = "#"}});
  CHECK(policies.find("a/b")->qos == 2);
  CHECK(policies.find("a/c")->qos == 1);
  CHECK(policies.find("x")->filter == "#");
  CHECK(policies.find("$SYS/x") == nullptr);
  define({{.filter = "#"}, {.filter = "a/b", .qos = 2}});
  CHECK(policies.find("a/b")->filter == "#");
  define({});
  CHECK(policies.find("a/b") == nullptr);
  CHECK(bus.policy_of("a/b") == nullptr);
}

TEST_CASE_METHOD(Fixture,
                 "topics: a rate holds in every stretch of time, not from minute to minute") {
  define({limited("a/+", 10, 60s)});
  CHECK(burst("a/1", 6) == 6);
  pass(50s);
  CHECK(burst("a/2", 6) == 4);  // All topics of a definition together.
  pass(9999ms);
  CHECK(burst("a/1", 3) == 0);
  pass(1ms);  // The first six are a minute old.
  CHECK(burst("a/1", 9) == 6);
  CHECK(burst("other", 100) == 100);
  CHECK(counters().published == 16);
  CHECK(counters().rate_limited == 8);
  CHECK(link.published.size() == 116);
}

TEST_CASE_METHOD(Fixture, "topics: a rate may be that of each topic") {
  define({{.filter = "a/+", .rate = RateLimit{2, 60s, true}}});
  CHECK(burst("a/1", 3) == 2);
  CHECK(burst("a/2", 3) == 2);
  for (int i = 0; i < 3000; ++i) publish("a/" + std::to_string(i + 10));
  CHECK(burst("a/1", 1) == 0);
  pass(60s);
  CHECK(burst("a/1", 3) == 2);
}

TEST_CASE_METHOD(Fixture, "topics: what is over the rate is warned of once a window") {
  define({limited("a", 2, 10s)});
  for (int second = 0; second < 20; ++second) {
    burst("a", 5);
    pass(1s);
  }
  CHECK(logs.count("[WARNING] mqtt - a: more than 2 messages in 10 s on a: not sent (a.toml:3)") ==
        2);
  CHECK(logs.has("more since the last time"));
}

TEST_CASE_METHOD(Fixture, "topics: a short window does not fill the log") {
  define({limited("a", 2, 1s)});
  for (int second = 0; second < 20; ++second) {
    burst("a", 5);
    pass(1s);
  }
  CHECK(counters().rate_limited == 60);
  CHECK(logs.count("more than 2 messages") == 2);
}

TEST_CASE_METHOD(Fixture, "topics: alerts and QoS 2 are never held back, but one is told") {
  define({{.filter = "safety/#", .rate = RateLimit{1, 60s}, .priority = TopicPriority::critical},
          {.filter = "commands/+", .qos = 2, .rate = RateLimit{1, 60s}}});
  CHECK(burst("safety/alerts/person", 500) == 500);
  CHECK(burst("commands/blade", 500) == 500);
  CHECK(counters(0).over_rate == 499);
  CHECK(policies.totals().over_rate == 998);
  CHECK(policies.totals().rate_limited == 0);
  CHECK(logs.count("sent nevertheless, these are never held back") == 2);
}

TEST_CASE_METHOD(Fixture, "topics: a payload that is too large is refused, whatever its priority") {
  define({{.filter = "a", .max_size = 3, .priority = TopicPriority::critical}, {.filter = "b"}});
  CHECK(publish("a", "123") == PublishOutcome::sent);
  bool told = false;
  CHECK(bus.publish({.message = {.topic = "a", .payload = "1234"},
                     .on_delivery = [&](bool delivered) { told = !delivered; }}) ==
        PublishOutcome::too_large);
  CHECK_FALSE(told);
  pass(0s);
  CHECK(told);
  CHECK(publish("b", std::string(100'000, 'x')) == PublishOutcome::sent);
  CHECK(counters().too_large == 1);
  CHECK(logs.has("a: a payload of 4 bytes is too large, 3 are allowed: not sent"));
}

TEST_CASE_METHOD(Fixture, "topics: what is refused is heard nowhere, also without a broker") {
  define({limited("a", 1, 60s)});
  bus.attach(nullptr);
  int recorded = 0;
  bus.on_outgoing = [&](const Message&) { ++recorded; };
  CHECK(publish("a", "1") == PublishOutcome::sent);
  CHECK(publish("a", "2") == PublishOutcome::rate_limited);
  pass(0s);
  CHECK(seen == std::vector<std::string>{"a=1"});
  CHECK(recorded == 1);
}

TEST_CASE_METHOD(Fixture, "topics: a new catalogue keeps what has been counted and used up") {
  define({limited("a", 2, 60s), limited("b", 2, 60s)});
  burst("a", 5);
  burst("b", 1);
  define({limited("b", 2, 60s), {.filter = "c"}, limited("a", 4, 60s)});
  CHECK(counters(0).published == 1);
  CHECK(counters(2).rate_limited == 3);
  CHECK(burst("a", 5) == 2);
  CHECK(burst("b", 5) == 1);
  define({{.filter = "a"}});
  CHECK(burst("a", 50) == 50);
}

TEST_CASE_METHOD(Fixture, "topics: the greatest age of a message that waits is its policy's") {
  define({{.filter = "a", .max_age = 300s}});
  Publication mine{.message = {.topic = "a", .payload = "x"}},
      own{.message = {.topic = "a", .payload = "x"}, .max_age = 5s};
  CHECK_FALSE(policies.admit(mine));
  CHECK_FALSE(policies.admit(own));
  CHECK(mine.max_age == 300s);
  CHECK(own.max_age == 5s);
}

TEST_CASE_METHOD(Fixture, "topics: large payloads are compressed where the definition says so") {
  define({{.filter = "a", .compress_over = 100}, {.filter = "b"}});
  const std::string large(101, 'x');
  publish("a", large);
  publish("a", large.substr(1));
  publish("b", large);
  std::string noise;
  for (unsigned i = 0, x = 1; i < 200; ++i) noise += static_cast<char>((x = x * 69069 + 1) >> 24);
  publish("a", noise);
  REQUIRE(link.published.size() == 4);
  const std::string sent = link.published[0].substr(2);
  CHECK(gzip::decompress(sent, 1000).value() == large);
  CHECK(link.published[1] == "a=" + large.substr(1));
  CHECK(link.published[2] == "b=" + large);
  CHECK(link.published[3] == "a=" + noise);  // It would have become larger.
  CHECK(counters().compressed == 1);
  CHECK(counters().bytes_saved == large.size() - sent.size());
  publish("a", sent);  // Not twice.
  CHECK(link.published[4] == "a=" + sent);
}

TEST_CASE_METHOD(Fixture, "topics: what comes in compressed is read where the definition says so") {
  define({{.filter = "a", .compress_over = 100}, {.filter = "b"}}, 1000);
  const std::string packed = gzip::compress("hello");
  std::vector<std::string> recorded;
  bus.on_incoming = [&](const Message& m) { recorded.push_back(m.payload); };
  bus.deliver({.topic = "a", .payload = packed, .qos = 1, .retain = true});
  bus.deliver({.topic = "b", .payload = packed});
  bus.deliver({.topic = "c", .payload = packed});
  bus.deliver({.topic = "a", .payload = "plain"});
  CHECK(seen == std::vector<std::string>{"a=hello", "b=" + packed, "c=" + packed, "a=plain"});
  CHECK(recorded[0] == "hello");
  CHECK(counters().decompressed == 1);
}

TEST_CASE_METHOD(Fixture,
                 "topics: what cannot be decompressed is taken as it came, and warned of") {
  define({{.filter = "a", .compress_over = 100, .place = "a.toml:3"}}, 1000);
  const std::string bomb = gzip::compress(std::string(1'000'000, 'x'));
  const std::string broken = gzip::compress("hello").substr(0, 15);
  bus.deliver({.topic = "a", .payload = bomb});
  pass(60s);
  bus.deliver({.topic = "a", .payload = broken});
  CHECK(seen == std::vector<std::string>{"a=" + bomb, "a=" + broken});
  CHECK(counters().not_decompressed == 2);
  CHECK(
      logs.has("a: looks like gzip but cannot be decompressed (more than 1000 bytes when "
               "decompressed): taken as it came (a.toml:3)"));
  CHECK(logs.has("(it ends too early)"));
}
