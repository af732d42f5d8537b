#include <regex>
#include <sstream>
#include <string>

#include "tests/core/config/config_fixture.h"

using namespace engine;
using namespace engine::test;

namespace {

const std::filesystem::path kConfigFolder = std::filesystem::path(ENGINE_SOURCE_DIR) / "config";

// As a user would who removes the # in front of every key.
std::string uncommented(const std::string& text) {
  static const std::regex kKey(R"(^#([a-z0-9_]+ = .*|  \{.*|\])$)");
  std::istringstream in(text);
  std::string out;
  for (std::string line; std::getline(in, line);)
    out += std::regex_replace(line, kKey, "$1") + "\n";
  return out;
}

}  // namespace

TEST_CASE("config/engine.toml says what the schema says") {
  // If not: engine --print-config > config/engine.toml
  CHECK(read_file(kConfigFolder / "engine.toml") == config_reference());
}

TEST_CASE("the annotated configuration is one, and has all defaults") {
  const std::string reference = config_reference();
  CHECK(changed_keys(ConfigFixture().file(reference).load()).empty());
  const std::string active = uncommented(reference);
  CHECK(has(active, "\nkeepalive = 30\n"));
  CHECK(changed_keys(ConfigFixture().file(active).load()).empty());
}

TEST_CASE("every key of the annotated configuration is explained") {
  std::istringstream in(config_reference());
  std::string before, section;
  for (std::string line; std::getline(in, line); before = line) {
    if (line.starts_with("[")) section = line;
    const bool is_key = std::regex_match(line, std::regex("#[a-z0-9_]+ = .*"));
    if (!is_key || section == "[log.levels]") continue;
    INFO(section << " " << line);
    CHECK(before.starts_with("# "));
  }
}

TEST_CASE("the example configurations load") {
  ConfigFixture fixture;
  const Config museum = fixture.path(kConfigFolder / "museum.toml").load();
  CHECK(museum.site == "room1");
  CHECK(museum.mqtt.addresses.empty());
  CHECK(museum.scripts.files.size() == 1);
  const Config range = fixture.path(kConfigFolder / "range.toml").load();
  CHECK(range.site == "range");
  CHECK(range.scripts.files.size() == 1);
}
