#include "core/config/broker_address.h"

#include "tests/support/catch.h"

using namespace engine;

TEST_CASE("broker addresses get their scheme and port") {
  const char* kCases[][2] = {
      {"192.168.0.127", "tcp://192.168.0.127:1883"},
      {"broker.local:1884", "tcp://broker.local:1884"},
      {"tcp://h", "tcp://h:1883"},
      {"mqtt://h/", "tcp://h:1883"},
      {"mqtts://h", "ssl://h:8883"},
      {"ssl://h:1", "ssl://h:1"},
      {"ws://h/mqtt", "ws://h:80/mqtt"},
      {"wss://h:9001", "wss://h:9001"},
      {"tcp://[::1]:1883", "tcp://[::1]:1883"},
      {"[fe80::1]", "tcp://[fe80::1]:1883"},
  };
  for (const auto& [address, normal] : kCases) {
    INFO(address);
    const auto result = normal_broker_address(address);
    REQUIRE(result);
    CHECK(*result == normal);
  }
}

TEST_CASE("broken broker addresses are refused") {
  for (const char* address :
       {"", "tcp://", "http://h", "tcp://h:", "tcp://h:0", "tcp://h:65536", "tcp://h:12x", "a b",
        "tcp://h/path", ":1883", "tcp://u@h", "tcp://[]:1", "::1", "h:-1", "tcp://\"h\""}) {
    INFO(address);
    CHECK_FALSE(normal_broker_address(address));
  }
  CHECK(normal_broker_address("http://h").error().message ==
        "'http://h' is not a broker address: it has an unknown scheme (tcp://host:port or "
        "ssl://host:port)");
}
