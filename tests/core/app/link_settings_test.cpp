#include "core/app/link_settings.h"

#include "tests/support/catch.h"

using namespace engine;

TEST_CASE("link settings: without another will, it is that the engine is offline") {
  Config config;
  config.prefix = "engine/site";
  const LinkOptions options = link_options(config, std::nullopt);
  REQUIRE(options.last_will);
  CHECK(options.last_will->topic == "engine/site/status");
  CHECK(options.last_will->payload == "offline");
  CHECK(options.last_will->qos == 1);
  CHECK(options.last_will->retain);
  CHECK(will_tells_status(config));
}

TEST_CASE("link settings: the user's will wins") {
  Config config;
  config.prefix = "engine/site";
  config.mqtt.will = {.topic = "my/will", .payload = "gone", .qos = 2, .retain = false};
  const LinkOptions options = link_options(config, std::nullopt);
  CHECK(options.last_will->topic == "my/will");
  CHECK(options.last_will->payload == "gone");
  CHECK_FALSE(will_tells_status(config));
  config.mqtt.will.topic = "engine/site/status";
  CHECK(will_tells_status(config));
}

TEST_CASE("link settings: our own broker has a user for us, others the configured one") {
  Config config;
  config.mqtt.addresses = {"tcp://a:1883"};
  config.mqtt.user = "me";
  config.mqtt.password = "mine";
  const LinkOptions others = link_options(config, std::nullopt);
  CHECK(others.brokers == std::vector<std::string>{"tcp://a:1883"});
  CHECK(others.user == "me");
  CHECK(others.password == "mine");
  const LinkOptions own =
      link_options(config, BrokerAccess{"tcp://127.0.0.1:1", "engine", "secret"});
  CHECK(own.brokers == std::vector<std::string>{"tcp://127.0.0.1:1"});
  CHECK(own.user == "engine");
  CHECK(own.password == "secret");
}
