#include <nlohmann/json.hpp>

#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

const std::string kUse = "local home_assistant = require 'engine.home_assistant'\n";

// A device with two entities, as a script makes it; `more` are further options.
std::string shed(const std::string& more = "") {
  return kUse +
         "local shed = home_assistant.device { id = 'shed',\n"
         "  device = { identifiers = { 'shed' }, name = 'The shed' },\n"
         "  availability = { { topic = 'shed/status' } },\n"
         "  components = {\n"
         "    air = { platform = 'sensor', device_class = 'temperature', state_topic = 'shed/air' "
         "},\n"
         "    light = { platform = 'switch', command_topic = 'shed/light/set' } },\n" +
         more + "}\n";
}

struct HomeAssistantFixture : ScriptFixture {
  struct Sent {
    std::string topic, payload;
    int qos;
    bool retain;
  };
  std::vector<Sent> sent;
  HomeAssistantFixture() {
    bus.on_outgoing = [this](const Message& m) {
      sent.push_back({m.topic, m.payload, m.qos, m.retain});
    };
  }
  ~HomeAssistantFixture() { bus.on_outgoing = nullptr; }  // Wills come after `sent`.
  void start(const std::string& text) {
    load(text);
    tick(1ms);
  }
  // The only message since the last look.
  Sent one() {
    REQUIRE(sent.size() == 1);
    return std::exchange(sent, {}).front();
  }
  Lines topics() {
    Lines topics;
    for (const Sent& each : std::exchange(sent, {})) {
      topics.push_back(each.topic + (each.payload.empty() ? " removed" : ""));
    }
    return topics;
  }
};

}  // namespace

TEST_CASE_METHOD(HomeAssistantFixture, "home_assistant: a device is one retained message") {
  start(
      shed("origin = { name = 'sheds', sw_version = '2.1', support_url = 'https://example.org' }"));
  const Sent told = one();
  CHECK(told.topic == "homeassistant/device/shed/config");
  CHECK(told.qos == 1);
  CHECK(told.retain);
  CHECK(json::parse(told.payload) == json::parse(R"({
    "device": {"identifiers": ["shed"], "name": "The shed"},
    "origin": {"name": "sheds", "sw_version": "2.1", "support_url": "https://example.org"},
    "availability": [{"topic": "shed/status"}],
    "components": {
      "air": {"platform": "sensor", "device_class": "temperature", "state_topic": "shed/air",
              "unique_id": "shed_air"},
      "light": {"platform": "switch", "command_topic": "shed/light/set",
                "unique_id": "shed_light"}}})"));
}

TEST_CASE_METHOD(HomeAssistantFixture, "home_assistant: the older form is a message each") {
  start(shed("form = 'components', prefix = 'ha'"));
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].topic == "ha/sensor/shed_air/config");
  CHECK(sent[1].topic == "ha/switch/shed_light/config");
  CHECK(json::parse(sent[0].payload) == json::parse(R"({
    "device": {"identifiers": ["shed"], "name": "The shed"}, "origin": {"name": "engine"},
    "availability": [{"topic": "shed/status"}], "device_class": "temperature",
    "state_topic": "shed/air", "unique_id": "shed_air"})"));
}

TEST_CASE_METHOD(HomeAssistantFixture, "home_assistant: shared topics reach those that know them") {
  start(kUse +
        "home_assistant.device { id = 'a', form = 'components', state_topic = 's', "
        "command_topic = 'c', components = { x = { platform = 'sensor' }, "
        "y = { platform = 'button' } } }");
  REQUIRE(sent.size() == 2);
  const json x = json::parse(sent[0].payload), y = json::parse(sent[1].payload);
  CHECK(x.value("state_topic", "") == "s");
  CHECK_FALSE(x.contains("command_topic"));
  CHECK(y.value("command_topic", "") == "c");
  CHECK_FALSE(y.contains("state_topic"));
}

TEST_CASE_METHOD(HomeAssistantFixture,
                 "home_assistant: announced again when Home Assistant has started") {
  start(shed("birth_delay = 2"));
  sent.clear();
  incoming("homeassistant/status", "offline");
  incoming("homeassistant/status", "online", true);
  tick(10s);
  CHECK(sent.empty());
  incoming("homeassistant/status", "online");
  CHECK(sent.empty());  // Not all devices at once.
  tick(2s);
  CHECK(one().topic == "homeassistant/device/shed/config");
}

TEST_CASE_METHOD(HomeAssistantFixture, "home_assistant: a component goes by its platform alone") {
  start(shed() + "mqtt.subscribe('go', function() shed:remove 'light' end)");
  sent.clear();
  incoming("go");
  REQUIRE(sent.size() == 2);
  CHECK(json::parse(sent[0].payload)["components"]["light"] == json{{"platform", "switch"}});
  CHECK_FALSE(json::parse(sent[1].payload)["components"].contains("light"));
  CHECK(json::parse(sent[1].payload)["components"].contains("air"));
  sent.clear();
  incoming("go");  // It is gone already.
  CHECK(sent.empty());
}

TEST_CASE_METHOD(HomeAssistantFixture, "home_assistant: a component can come later") {
  start(shed() +
        "mqtt.subscribe('go', function() shed:add('door', "
        "{ platform = 'binary_sensor', state_topic = 'shed/door' }) end)");
  sent.clear();
  incoming("go");
  CHECK(json::parse(one().payload)["components"]["door"]["unique_id"] == "shed_door");
}

TEST_CASE_METHOD(HomeAssistantFixture, "home_assistant: a device that is withdrawn stays away") {
  start(shed() + "mqtt.subscribe('go', function() shed:withdraw() end)");
  sent.clear();
  incoming("go");
  CHECK(topics() == Lines{"homeassistant/device/shed/config removed"});
  incoming("homeassistant/status", "online");
  tick(10s);
  CHECK(sent.empty());
}

TEST_CASE_METHOD(HomeAssistantFixture, "home_assistant: removed at the end when asked") {
  const bool asked = GENERATE(false, true);
  start(shed(asked ? "remove_on_shutdown = true" : ""));
  sent.clear();
  host.release_all();
  CHECK(topics() == (asked ? Lines{"homeassistant/device/shed/config removed"} : Lines{}));
}

TEST_CASE_METHOD(HomeAssistantFixture,
                 "home_assistant: what a saved script has no more is taken away") {
  start(shed() +
        "home_assistant.device { id = 'barn', components = { x = { platform = 'sensor', "
        "state_topic = 'x' } } }");
  sent.clear();
  SECTION("a component and a device") {
    save(kUse +
         "home_assistant.device { id = 'shed', components = { air = { platform = 'sensor', "
         "state_topic = 'shed/air' } } }");
    tick(1ms);
    CHECK(sent.at(0).topic == "homeassistant/device/barn/config");
    CHECK(sent.at(0).payload.empty());
    CHECK(json::parse(sent.at(1).payload)["components"]["light"] == json{{"platform", "switch"}});
    CHECK_FALSE(json::parse(sent.back().payload)["components"].contains("light"));
  }
  SECTION("the form") {
    save(shed("form = 'components'"));
    tick(1ms);
    CHECK(topics() == Lines{"homeassistant/device/barn/config removed",
                            "homeassistant/device/shed/config removed",
                            "homeassistant/sensor/shed_air/config",
                            "homeassistant/switch/shed_light/config"});
  }
}

TEST_CASE_METHOD(HomeAssistantFixture, "home_assistant: what is not documented is refused") {
  const std::string ok = "id = 'a', components = { x = { platform = 'sensor', state_topic = 's'";
  const std::vector<std::pair<std::string, std::string>> misuses = {
      {"components = {}", "id: letters, digits, _ and - expected, got nil"},
      {"id = 'a b', components = {}", "id: letters, digits, _ and - expected, got a b"},
      {"id = 'a'", "components: a table of components by their ids expected"},
      {"id = 'a', component = {}", "unknown option 'component', did you mean 'components'?"},
      {ok + " } }, form = 'old'", "form: \"device\" or \"components\" expected, got old"},
      {ok + " } }, prefix = 'a/+'", "prefix: a topic without wildcards expected"},
      {ok + " } }, birth_delay = -1", "birth_delay: seconds from 0 expected"},
      {ok + " } }, device = { name = 'x' }", "identifiers or connections expected"},
      {ok + " } }, device = { ids = 'x' }", "device: unknown option 'ids'"},
      {ok + " } }, device = { connections = { 'mac' } }", "connections: entry 1: { type"},
      {ok + " } }, origin = { sw_version = '1' }", "origin: name: text expected, got nil"},
      {ok + " } }, availability = { { payload_available = 'x' } }", "topic: a topic expected"},
      {ok + " } }, availability_topic = 'a', availability = { { topic = 'x' } }", "not both"},
      {ok + " } }, availability_mode = 'some'", "'all', 'any' or 'latest' expected"},
      {"id = 'a', components = { x = { state_topic = 's' } }",
       "x: platform: one of binary_sensor, button, number, select, sensor, switch expected"},
      {"id = 'a', components = { x = { platform = 'senser' } }", "did you mean 'sensor'?"},
      {"id = 'a', components = { x = { platform = 'sensor' } }",
       "x: state_topic: a sensor needs one"},
      {"id = 'a', components = { x = { platform = 'select', command_topic = 'c' } }",
       "x: options: a select needs one"},
      {ok + ", unit_of_mesurement = 'V' } }",
       "x: unknown option 'unit_of_mesurement', did you mean 'unit_of_measurement'?"},
      {ok + ", command_topic = 'c' } }", "x: unknown option 'command_topic'"},
      {ok + ", name = '' } }", "x: name: text expected, got ''"},
      {ok + ", qos = 3 } }", "x: qos: 0, 1 or 2 expected, got 3"},
      {ok + ", expire_after = 1.5 } }", "x: expire_after: a whole number from 0 expected"},
      {ok + ", force_update = 'yes' } }", "x: force_update: true or false expected, got yes"},
      {ok + ", entity_category = 'config' } }", "x: entity_category: 'diagnostic' expected"},
      {ok + ", options = { 'a' } } }", "x: options need device_class = 'enum'"},
      {ok + ", last_reset_value_template = 'x' } }", "needs state_class = 'total'"},
      {"id = 'a', components = { x = { platform = 'sensor', state_topic = 's/#/t' } }",
       "'s/#/t' is not a topic filter"}};
  for (const auto& [options, message] : misuses) {
    const std::string error = load_error(kUse + "home_assistant.device { " + options + " }");
    INFO(error);
    CHECK(error.find("test.lua:2: home_assistant: ") != std::string::npos);
    CHECK(error.find(message) != std::string::npos);
  }
  CHECK(sent.empty());
}
