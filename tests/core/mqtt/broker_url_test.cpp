#include "core/mqtt/broker_url.h"

#include "tests/support/catch.h"

using namespace engine;

namespace {

std::string canonical(const std::string& text) {
  const auto url = parse_broker_url(text);
  return url ? url->canonical() : "error: " + url.error().message;
}

}  // namespace

TEST_CASE("every scheme has its port, and synonyms mean the same") {
  CHECK(canonical("tcp://broker") == "tcp://broker:1883");
  CHECK(canonical("mqtt://broker/") == "tcp://broker:1883");
  CHECK(canonical("ssl://broker") == "ssl://broker:8883");
  CHECK(canonical("mqtts://broker:1234") == "ssl://broker:1234");
  CHECK(canonical("ws://broker/mqtt") == "ws://broker:80/mqtt");
  CHECK(canonical("wss://broker:9443") == "wss://broker:9443");
  CHECK(canonical("tcp://[fe80::1]:1884") == "tcp://[fe80::1]:1884");
  CHECK(canonical("tcp://[::1]") == "tcp://[::1]:1883");
}

TEST_CASE("a bad broker address is an error that names it and the rule") {
  CHECK(canonical("broker:1883") ==
        "error: broker address 'broker:1883': it must begin with tcp://, mqtt://, ssl://, "
        "mqtts://, ws:// or wss://");
  CHECK(canonical("http://broker").find("it must begin with") != std::string::npos);
  CHECK(canonical("tcp://broker:99999") ==
        "error: broker address 'tcp://broker:99999': '99999' is not a port (1-65535)");
  CHECK(canonical("tcp://broker:0").find("'0' is not a port") != std::string::npos);
  CHECK(canonical("tcp://broker:").find("'' is not a port") != std::string::npos);
  CHECK(canonical("tcp://broker:12x").find("'12x' is not a port") != std::string::npos);
  CHECK(canonical("tcp://:1883").find("the host is missing") != std::string::npos);
  CHECK(canonical("tcp://").find("the host is missing") != std::string::npos);
  CHECK(canonical("tcp://::1:1883").find("needs brackets") != std::string::npos);
  CHECK(canonical("tcp://[::1").find("not closed") != std::string::npos);
  CHECK(canonical("tcp://[::1]1883").find("':port' is expected") != std::string::npos);
  CHECK(canonical("tcp://my broker").find("not a host name") != std::string::npos);
  CHECK(canonical("tcp://broker/path").find("only ws://") != std::string::npos);
  CHECK(canonical("").find("it must begin with") != std::string::npos);
}

TEST_CASE("a password in a broker address is refused and not repeated") {
  const std::string error = canonical("tcp://anna:secret@broker:1883");
  CHECK(error.find("settings of their own") != std::string::npos);
  CHECK(error.find("secret") == std::string::npos);
}
