#include "core/base/nearest.h"

#include "tests/support/catch.h"

using namespace engine;

TEST_CASE("a typing error is led back to the name that was meant") {
  const std::vector<std::string> names = {"qos", "retain", "confirm", "on_timeout"};
  CHECK(nearest("qso", names) == "qos");
  CHECK(nearest("confrim", names) == "confirm");
  CHECK(nearest("ontimeout", names) == "on_timeout");
  CHECK(nearest("retain", names) == "retain");
  CHECK_FALSE(nearest("", names));
  CHECK_FALSE(nearest("volume", names));
  CHECK_FALSE(nearest("x", {}));
}
