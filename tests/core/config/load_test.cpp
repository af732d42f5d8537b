#include "core/config/load.h"

#include <chrono>

#include "tests/core/config/config_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

TEST_CASE("a configuration from nothing has the defaults") {
  const Config config = ConfigFixture().load();
  CHECK(config.site == "site");
  CHECK(config.mqtt.client_id == "engine_site");
  CHECK(config.prefix == "engine/site");
  CHECK(config.mqtt.addresses.empty());
  CHECK(config.mqtt.first_tries == 5);
  CHECK(config.mqtt.first_tries_spacing == 2s);
  CHECK(config.feedback.timeout == 1s);
  CHECK(config.log.max_size_mb == 10);
  CHECK(config.scripts.hard_budget == 500ms);
  CHECK(config.values.is_object());
  CHECK(changed_keys(config).empty());
}

TEST_CASE("a file sets every kind of value") {
  const Config config = ConfigFixture()
                            .file(R"(
site = "room1"
[mqtt]
address = "192.168.0.127"
version = "3.1.1"
keepalive = 12.5
first_tries = 3
verify = false
[mqtt.will]
topic = "engine/room1/status"
payload = "offline"
[devices]
status_filters = ["devices/+/status", "derbynet/device/+/status"]
timeout = 15
[log]
level = "warn"
levels.mqtt = "debug"
[scripts]
slow_callback_ms = 5
[simulate]
delay = [0, 1.5]
failure_probability = 0.25
)")
                            .load();
  CHECK(config.site == "room1");
  CHECK(config.mqtt.client_id == "engine_room1");
  CHECK(config.mqtt.addresses == std::vector<std::string>{"tcp://192.168.0.127:1883"});
  CHECK(config.mqtt.version == Config::MqttVersion::v3_1_1);
  CHECK(config.mqtt.keepalive == 12500ms);
  CHECK(config.mqtt.first_tries == 3);
  CHECK_FALSE(config.mqtt.verify);
  CHECK(config.mqtt.will.topic == "engine/room1/status");
  CHECK(config.mqtt.will.payload == "offline");
  CHECK(config.devices.status_filters.size() == 2);
  CHECK(config.devices.timeout == std::optional<Duration>(15s));
  CHECK(config.log.level == spdlog::level::warn);
  CHECK(config.log.levels.at("mqtt") == spdlog::level::debug);
  CHECK(config.scripts.slow_callback == 5ms);
  CHECK(config.simulate.delay_min == 0s);
  CHECK(config.simulate.delay_max == 1500ms);
  CHECK(config.simulate.failure_probability == 0.25);
}

TEST_CASE("feedback rules are read as tables or in one list") {
  const char* kForms[] = {
      "[[feedback.rules]]\ncommand = \"a/+\"\nfeedback = [\"a/{1}/ok\"]\n"
      "[[feedback.rules]]\ncommand = \"#\"\nfeedback = [\"{parent}/status\"]\n",
      "feedback.rules = [{ command = \"a/+\", feedback = [\"a/{1}/ok\"] },\n"
      "  { command = \"#\", feedback = [\"{parent}/status\"] }]"};
  for (const char* form : kForms) {
    const Config config = ConfigFixture().file(form).load();
    REQUIRE(config.feedback.rules.size() == 2);
    CHECK(config.feedback.rules[0].command == "a/+");
    CHECK(config.feedback.rules[0].feedback == std::vector<std::string>{"a/{1}/ok"});
    CHECK(config.feedback.rules[1].command == "#");
  }
}

TEST_CASE("feedback rules that could never work are refused") {
  CHECK(file_error("[[feedback.rules]]\ncommand = \"a/+\"\nfeedback = [\"{2}\"]") ==
        "FILE:3:13: feedback.rules[1].feedback[1]: '{2}': the command has 1 wildcard level, so "
        "there is no {2}");
  CHECK(has(file_error("[[feedback.rules]]\ncommand = \"a\"\nfeedback = [\"{root}/x\"]"),
            "{root} is none of"));
  CHECK(has(file_error("[[feedback.rules]]\ncommand = \"a\"\nfeedback = [\"{topic\"]"), "no }"));
  CHECK(has(file_error("[[feedback.rules]]\ncommand = \"a\"\nfeedback = [\"a/#\"]"),
            "FILE:3:13: feedback.rules[1].feedback[1]"));
  CHECK(has(file_error("[[feedback.rules]]\ncommand = \"a*b/c\"\nfeedback = [\"x\"]"),
            "a * stands only at the end of a level"));
  CHECK(has(file_error("[[feedback.rules]]\ncommand = \"a\""), "has no feedback"));
  CHECK(file_error("[[feedback.rules]]\ncomand = \"a\"\ncommand=\"a\"\nfeedback = []") ==
        "FILE:2:1: feedback.rules[1]: unknown key 'comand', did you mean 'command'?");
}

TEST_CASE("values reach scripts as they are, dates as text") {
  const Config config =
      ConfigFixture()
          .file(
              "[values]\nfog = 4.5\nn = 3\non = true\nday = 2026-01-31\nlist = [1, [2]]\n"
              "[values.deep]\nname = \"x\"")
          .set("values.n=4")
          .set("values.deep.more=word")
          .load();
  CHECK(config.values == nlohmann::json::parse(R"({"fog":4.5,"n":4,"on":true,"day":"2026-01-31",
                                     "list":[1,[2]],"deep":{"name":"x","more":"word"}})"));
}

TEST_CASE("relative paths in a file are relative to it, those of --set to the current folder") {
  ConfigFixture fixture;
  fixture.file("[scripts]\nfiles = [\"../scenes/a.lua\", \"/abs/b.lua\"]\nfolders = [\"lib\"]");
  fixture.set("log.file=logs/engine.log");
  const Config config = fixture.load();
  const auto parent = fixture.folder().path().parent_path();
  CHECK(config.scripts.files[0] == parent / "scenes/a.lua");
  CHECK(config.scripts.files[1] == "/abs/b.lua");
  CHECK(config.scripts.folders[0] == fixture.folder() / "lib");
  CHECK(config.log.file == "logs/engine.log");
}

TEST_CASE("--set wins over the file, and the last one over the others") {
  const Config config = ConfigFixture()
                            .file("[mqtt]\nkeepalive = 5\naddresses = [\"tcp://a\", \"tcp://b\"]")
                            .set("mqtt.keepalive=6")
                            .set("mqtt.keepalive=7")
                            .set("mqtt.address=c:1884")
                            .load();
  CHECK(config.mqtt.keepalive == 7s);
  CHECK(config.mqtt.addresses == std::vector<std::string>{"tcp://c:1884"});
}

TEST_CASE("--set takes bare words as text, and anything else as TOML") {
  const Config config = ConfigFixture()
                            .set("mqtt.version=5")
                            .set("mqtt.user=anna berg")
                            .set("site=7")
                            .set("mqtt.client_id=\"quoted\"")
                            .set("broker.enabled=false")
                            .set("mqtt.will.payload=")
                            .set("simulate.devices=[\"a\", \"b\"]")
                            .set("log.levels.scene=debug")
                            .load();
  CHECK(config.mqtt.version == Config::MqttVersion::v5);
  CHECK(config.mqtt.user == "anna berg");
  CHECK(config.site == "7");
  CHECK(config.mqtt.client_id == "quoted");
  CHECK_FALSE(config.broker.enabled);
  CHECK(config.simulate.devices == std::vector<std::string>{"a", "b"});
  CHECK(config.log.levels.at("scene") == spdlog::level::debug);
  CHECK(ConfigFixture().set("mqtt.version=3.1.1").load().mqtt.version ==
        Config::MqttVersion::v3_1_1);
}

TEST_CASE("errors of --set name it") {
  CHECK(set_error("mqtt.version=6") == "--set: mqtt.version: \"6\" is not one of \"5\" \"3.1.1\"");
  CHECK(set_error("mqtt.keepalve=6") ==
        "--set: unknown key 'mqtt.keepalve', did you mean 'mqtt.keepalive'?");
  CHECK(set_error("mqtt=6") == "--set: mqtt: expected a table, [mqtt], found the integer 6");
  CHECK(set_error("broker.enabled=no") ==
        "--set: broker.enabled: expected true or false, found the text \"no\"");
  CHECK(set_error("a..b=1") == "--set: 'a..b' is not a key");
  CHECK(has(set_error("mqtt.keepalive=5\nsite = \"x\""), "expected a time in seconds"));
  CHECK(has(set_error("mqtt.user=\xff"), "not UTF-8"));
}

TEST_CASE("a password is refused on the command line and in the file, and not repeated") {
  for (const std::string& message :
       {set_error("mqtt.password=geheim"), file_error("[mqtt]\npassword = \"geheim\"")}) {
    CHECK(has(message, "mqtt.password_file"));
    CHECK(has(message, "ENGINE_MQTT_PASSWORD"));
    CHECK_FALSE(has(message, "geheim"));
  }
  const std::string address = set_error("mqtt.address=tcp://anna:geheim@host");
  CHECK(has(address, "ENGINE_MQTT_PASSWORD"));
  CHECK_FALSE(has(address, "geheim"));
}

TEST_CASE("the password is the first line of its file, and the environment wins") {
  ConfigFixture fixture;
  fixture.folder().write("secret", "s3cret \r\nrest\n");
  fixture.file("[mqtt]\nuser = \"anna\"\npassword_file = \"secret\"");
  const Config config = fixture.load();
  CHECK(config.mqtt.password == "s3cret ");
  for (const std::string& line : changed_keys(config)) CHECK_FALSE(has(line, "s3cret"));
  CHECK(fixture.variable("ENGINE_MQTT_PASSWORD", "other").load().mqtt.password == "other");
}

TEST_CASE("files that are named but cannot be read are refused, with the place of the key") {
  ConfigFixture fixture;
  fixture.file("[mqtt]\nuser = \"a\"\npassword_file = \"none\"\nca_file = \"no.pem\"");
  const auto errors = fixture.errors();
  REQUIRE(errors.size() == 2);
  CHECK(has(errors[0], "FILE:3:17: mqtt.password_file: "));
  CHECK(has(errors[0], "No such file"));
  CHECK(has(errors[1], "FILE:4:11: mqtt.ca_file: "));
}

TEST_CASE("keys that need each other are checked together") {
  CHECK(file_error("[mqtt]\nbackoff_min = 100") ==
        "FILE:2:15: mqtt.backoff_min: backoff_min (100 s) is more than backoff_max (60 s)");
  CHECK(file_error("[mqtt]\naddress = \"a\"\naddresses = [\"b\"]") ==
        "FILE:3:13: mqtt.addresses: give either mqtt.address or mqtt.addresses");
  ConfigFixture certificate;
  certificate.folder().write("me.pem", "x");
  CHECK(certificate.file("[mqtt]\ncert_file = \"me.pem\"").error() ==
        "FILE:2:13: mqtt.cert_file: needs mqtt.key_file");
}

TEST_CASE("changed keys are told as TOML") {
  const Config config = ConfigFixture().set("site=room1").set("mqtt.keepalive=1.5").load();
  CHECK(changed_keys(config) ==
        std::vector<std::string>{"site = \"room1\"", "mqtt.keepalive = 1.5"});
}

TEST_CASE("values are told as TOML, in one line") {
  const std::string values =
      R"(values = { "a.b" = [1, 2.5, nan, -inf], list = [], nested = { x = "1\u000a2\"", "ä" = {} } })";
  const Config config = ConfigFixture().file(values + "\n").load();
  CHECK(changed_keys(config) == std::vector<std::string>{values});
}
