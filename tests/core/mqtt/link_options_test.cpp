#include "core/mqtt/link_options.h"

#include "tests/support/catch.h"

using namespace engine;
using namespace std::chrono_literals;

namespace {

LinkOptions good() {
  LinkOptions options;
  options.brokers = {"tcp://127.0.0.1:1883"};
  options.client_id = "engine_test";
  return options;
}

template <typename Change>
std::string error_after(Change change) {
  LinkOptions options = good();
  change(options);
  const auto checked = check(options);
  return checked ? "" : checked.error().message;
}

}  // namespace

TEST_CASE("the defaults with one broker are good") { CHECK(check(good())); }

TEST_CASE("broken link options are errors that say which and why") {
  CHECK(error_after([](auto& o) { o.brokers.clear(); }) == "no broker address is given");
  CHECK(error_after([](auto& o) { o.brokers.push_back("tcp://x:0"); }) ==
        "broker address 'tcp://x:0': '0' is not a port (1-65535)");
  CHECK(error_after([](auto& o) { o.version = 3; }) == "MQTT version 3 is neither 4 (3.1.1) nor 5");
  CHECK(error_after([](auto& o) { o.client_id = "a\xff"; }) ==
        "client id 'a\\xff' must be UTF-8 text of at most 65535 bytes without NUL");
  CHECK(error_after([](auto& o) { o.password = "x"; }) ==
        "there is a password but no user: MQTT wants both");
  CHECK(error_after([](auto& o) { o.tls.ca_file = "/no/such/ca.pem"; }) ==
        "TLS authorities (CA) '/no/such/ca.pem' cannot be read or is empty");
  CHECK(error_after([](auto& o) { o.tls.key_file = "key.pem"; }) ==
        "TLS: a client certificate and its key go together, one of them is missing");
  CHECK(error_after([](auto& o) { o.last_will = Message{.topic = "a/+", .payload = "x"}; }) ==
        "last will: topic 'a/+' has a wildcard: only subscriptions may");
  CHECK(error_after([](auto& o) {
          o.last_will = Message{.topic = "a", .payload = "x", .qos = 3};
        }) == "last will: QoS: 3 is not in 0-2");
  CHECK(error_after([](auto& o) { o.keepalive = 0s; }) ==
        "keepalive in seconds: 0 is not in 1-65535");
  CHECK(error_after([](auto& o) { o.backoff_max = 500ms; }) ==
        "longest backoff: 0.5 s is less than 1 s");
  CHECK(error_after([](auto& o) { o.max_inflight = 0; }) ==
        "messages in flight: 0 is not in 1-65535");
  CHECK(error_after([](auto& o) { o.first_tries = 0; }) == "first tries: 0 is not in 1-1000000");
}
