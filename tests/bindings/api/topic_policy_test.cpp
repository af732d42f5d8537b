#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

struct Fixture : ScriptFixture {
  std::vector<Publication> sent;

  // Hands over to it what is published, as a link would be.
  struct NotingLink final : Link {
    explicit NotingLink(std::vector<Publication>& to) : sent(to) {}
    bool connected() const override { return true; }
    PublishOutcome publish(Publication publication) override {
      sent.push_back(std::move(publication));
      return PublishOutcome::sent;
    }
    void subscribe(const std::string&, int, uint32_t) override {}
    void unsubscribe(const std::string&) override {}
    std::vector<Publication>& sent;
  } link{sent};

  Fixture() {
    rehearsal.topics.set({{.filter = "state/+",
                           .qos = 1,
                           .retain = true,
                           .offline = Offline::latest,
                           .max_size = 5,
                           .max_age = 30s},
                          {.filter = "slow", .rate = RateLimit{2, 60s}}},
                         1000);
    bus.attach(&link);
  }
  ~Fixture() { bus.attach(nullptr); }

  // `1 retained latest` of each message sent since.
  Lines ways() {
    Lines lines;
    for (const Publication& p : std::exchange(sent, {})) {
      static constexpr const char* kOffline[] = {" drop", " queue", " latest"};
      lines.push_back(std::to_string(p.message.qos) + (p.message.retain ? " retained" : "") +
                      kOffline[static_cast<int>(p.offline)]);
    }
    return lines;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "mqtt.publish: what is left out is the topic's policy, options win") {
  load(
      "mqtt.subscribe('go', function()\n"
      "  mqtt.publish('state/a', 'x')\n"
      "  mqtt.publish('state/a', 'x', { qos = 0 })\n"
      "  mqtt.publish('state/a', 'x', { retain = false, offline = 'drop' })\n"
      "  mqtt.publish('other', 'x')\n"
      "  mqtt.publish('other', 'x', { qos = 2 })\n"
      "  mqtt.publish('other', 'x', { qos = 1, offline = 'latest' })\n"
      "end)\n");
  incoming("go");
  CHECK(sent.at(0).max_age == 30s);
  CHECK(ways() ==
        Lines{"1 retained latest", "0 retained latest", "1 drop", "0 drop", "2 queue", "1 latest"});
}

TEST_CASE_METHOD(Fixture, "mqtt.publish: over the rate and too large are outcomes") {
  load(
      "mqtt.subscribe('go', function()\n"
      "  for i = 1, 3 do\n"
      "    local outcome, err = mqtt.publish('slow', i)\n"
      "    log.info('slow: %s %s', tostring(outcome), tostring(err))\n"
      "  end\n"
      "  local outcome, err = mqtt.publish('state/a', { 1, 2, 3 })\n"
      "  log.info('large: %s %s', tostring(outcome), tostring(err))\n"
      "end)\n");
  incoming("go");
  CHECK(logs.count("slow: sent nil") == 2);
  CHECK(logs.count("slow: nil rate limited") == 1);
  CHECK(logs.has("large: nil too large (7 > 5)"));
  CHECK(sent.size() == 2);
  CHECK(faults.empty());
}

TEST_CASE_METHOD(Fixture, "scenes: cues and what on_stop sends go by the policy of their topic") {
  load(
      "local scene = require 'engine.scene'\n"
      "scene 'x' {\n"
      "  trigger = { 'go', 'GO' },\n"
      "  cues = { { 0, 'state/a', 'x' }, { 0, 'state/a', 'x', qos = 2 }, { 0, 'lamp', 'ON' },\n"
      "           { 0, 'state/a', 'too large' } },\n"
      "  on_stop = { { 'state/a', 'y' }, { 'state/a', 'z', retain = false }, { 'lamp', 'OFF' } },\n"
      "}\n");
  incoming("go", "GO");
  advance(clock, timers, 60s);
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].failed == 1);
  CHECK(logs.has("state/a = too large was not sent: it is larger than its topic allows"));
  CHECK(ways() == Lines{"1 retained latest", "2 retained latest", "0 drop", "1 retained latest",
                        "1 latest", "0 drop"});
}
