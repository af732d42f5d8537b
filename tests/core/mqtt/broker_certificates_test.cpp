#include "core/mqtt/broker_certificates.h"

#include <algorithm>
#include <string>

#include "tests/support/catch.h"

using namespace engine;

namespace {

auto times(const std::string& listen, const std::string& name) {
  const auto names = certificate_names(listen);
  return std::count(names.begin(), names.end(), name);
}

}  // namespace

TEST_CASE("a certificate is good for this host and the address that is listened on") {
  CHECK(times("192.0.2.7", "DNS:localhost") == 1);
  CHECK(times("192.0.2.7", "IP:127.0.0.1") == 1);
  CHECK(times("192.0.2.7", "IP:192.0.2.7") == 1);
  CHECK(times("127.0.0.1", "IP:127.0.0.1") == 1);
}

TEST_CASE("a certificate for all addresses names each, and none that is no address") {
  CHECK(times("0.0.0.0", "IP:127.0.0.1") == 1);
  CHECK(times("0.0.0.0", "IP:0.0.0.0") == 0);
  CHECK(times("0.0.0.0", "IP:") == 0);
}
