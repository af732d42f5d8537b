#include <filesystem>
#include <map>
#include <string>

#include "core/config/topic_definitions.h"
#include "tests/support/catch.h"

using namespace engine;
using namespace std::chrono_literals;

namespace fs = std::filesystem;

TEST_CASE("catalogue: those that ship are without mistakes, alone and together") {
  const fs::path folder = fs::path(ENGINE_SOURCE_DIR) / "config/topics";
  size_t count = 0;
  for (const char* name : {"museum", "derby", "range", "garage", "mower"}) {
    std::vector<Error> errors;
    const auto policies = config::load_topics(
        {.files = {folder / (std::string(name) + ".toml")}, .folders = {}, .topic_namespace = ""},
        errors);
    for (const Error& error : errors) UNSCOPED_INFO(error.message);
    CHECK(errors.empty());
    CHECK(policies.size() >= 10);
    for (const TopicPolicy& policy : policies) {
      INFO(policy.filter);
      CHECK_FALSE(policy.description.empty());
    }
    count += policies.size();
  }
  CHECK(count > 80);
  std::vector<Error> errors;
  const auto together =
      config::load_topics({.files = {}, .folders = {folder}, .topic_namespace = ""}, errors);
  for (const Error& error : errors) UNSCOPED_INFO(error.message);
  CHECK(errors.empty());
  CHECK(together.size() > 80);
}

TEST_CASE("catalogue: the mower's is that of its document") {
  const fs::path file = fs::path(ENGINE_SOURCE_DIR) / "config/topics/mower.toml";
  std::vector<Error> errors;
  std::map<std::string, TopicPolicy> by_filter;
  for (TopicPolicy& each :
       config::load_topics({.files = {file}, .folders = {}, .topic_namespace = ""}, errors)) {
    by_filter[each.filter] = each;
  }
  REQUIRE(errors.empty());
  struct Row {
    const char* filter;
    int qos;
    bool retain;
    int rate;  // Messages; 0: any number.
  };
  const Row rows[] = {{"sensors/+/data", 1, false, 100},
                      {"sensors/+/status", 1, true, 20},
                      {"commands/+", 2, false, 60},
                      {"responses/+", 2, false, 0},
                      {"navigation/position", 1, true, 20},
                      {"navigation/path", 1, true, 10},
                      {"navigation/status", 1, true, 5},
                      {"safety/alerts/+", 2, true, 0},
                      {"safety/emergency_stop", 2, true, 0},
                      {"safety/hazards", 2, false, 50},
                      {"power/battery", 1, true, 20},
                      {"power/solar", 1, true, 20},
                      {"power/consumption", 1, false, 60},
                      {"vision/detections", 1, false, 30},
                      {"vision/frame_analysis", 0, false, 10},
                      {"weather/current", 1, true, 12},
                      {"weather/forecast", 1, true, 1},
                      {"weather/alerts", 2, true, 20},
                      {"system/health", 1, true, 5},
                      {"system/services/+/status", 1, true, 10},
                      {"system/events/+", 1, false, 60},
                      {"system/logs/+", 0, false, 100}};
  for (const Row& row : rows) {
    INFO(row.filter);
    const auto at = by_filter.find(std::string("lawnberry/") + row.filter);
    REQUIRE(at != by_filter.end());
    const TopicPolicy& policy = at->second;
    CHECK(policy.qos == row.qos);
    CHECK(policy.retain == row.retain);
    CHECK((policy.rate ? policy.rate->messages : 0) == row.rate);
    if (policy.rate) {
      const bool hourly = std::string(row.filter) == "weather/current";
      CHECK(policy.rate->window == (hourly ? Duration(1h) : Duration(1min)));
    }
    if (policy.qos == 2) CHECK_FALSE(policy.held_back());
  }
}
