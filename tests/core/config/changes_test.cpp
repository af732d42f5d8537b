#include "core/config/changes.h"

#include "tests/core/config/config_fixture.h"

using namespace engine;
using namespace engine::test;

namespace {

// `key=value`, with ` (next start)`.
std::vector<std::string> changes(const std::string& before, const std::string& now) {
  std::vector<std::string> lines;
  const Config was = ConfigFixture().file("#\n" + before).load();
  for (const ConfigChange& change : config_changes(was, ConfigFixture().file("#\n" + now).load())) {
    lines.push_back(change.key + "=" + change.value + (change.live ? "" : " (next start)"));
  }
  return lines;
}
using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("what differs between two configurations is named, with when it counts") {
  CHECK(changes("", "").empty());
  CHECK(changes("site = \"a\"", "site = \"b\"") ==
        Lines{"site=\"b\" (next start)", "prefix=\"engine/b\" (next start)",
              "mqtt.client_id=\"engine_b\" (next start)"});
  CHECK(changes("", "[mqtt]\nkeepalive = 10") == Lines{"mqtt.keepalive=10 (next start)"});
  CHECK(changes("", "[values]\nfog = 3") == Lines{"values={ fog = 3 }"});
  CHECK(changes("[feedback]\ntimeout = 3", "[scripts]\nfault_limit = 3") ==
        Lines{"feedback.timeout=1", "scripts.fault_limit=3"});
  CHECK(changes("", "[log]\nfile = \"/tmp/x.log\"\nlevel = \"debug\"") ==
        Lines{"log.level=\"debug\"", "log.file=\"/tmp/x.log\" (next start)"});
}

TEST_CASE("loggers that follow log.level are not named one by one") {
  CHECK(changes("[log.levels]\nmqtt = \"error\"", "[log]\nlevel = \"debug\"") ==
        Lines{"log.level=\"debug\"", "log.levels.mqtt=\"debug\""});
}

TEST_CASE("a changed password is named, never told") {
  Config before, now;
  now.mqtt.password = "secret";
  const auto found = config_changes(before, now);
  REQUIRE(found.size() == 1);
  CHECK(found[0].key == "mqtt.password_file");
  CHECK(found[0].value == "\"\"");
}
