#include "core/app/config_reload.h"

#include "tests/support/captured_logs.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  TempFolder folder;
  CapturedLogs logs;
  VirtualClock clock;
  Timers timers{clock};
  ConfigSources sources{.file = folder.write("engine.toml", "[mqtt]\nkeepalive = 7\n"),
                        .settings = {{"--log-level", "log.level", "error"}},
                        .environment = [](const std::string&) { return std::nullopt; }};
  std::vector<Config> applied;
  ConfigReload reload{sources, *load_config(sources), timers, logs,
                      [this](const Config&, const Config& now) { applied.push_back(now); }};

  void save(const std::string& text) {
    folder.write("engine.toml", text);
    reload.reload();
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a saved configuration is taken over; what cannot be is named") {
  save("[mqtt]\nkeepalive = 9\nversion = \"3.1.1\"\n[scripts]\nfault_limit = 3\n");
  REQUIRE(applied.size() == 1);
  CHECK(applied[0].scripts.fault_limit == 3);
  CHECK(logs.has("engine.toml: from now on scripts.fault_limit = 3"));
  CHECK(logs.has("engine.toml: mqtt.version, mqtt.keepalive change at the next start"));
  logs.clear();
  save("[mqtt]\nkeepalive = 9\n[scripts]\nfault_limit = 3\n");
  CHECK(logs.has("engine.toml: mqtt.keepalive changes at the next start"));
  logs.clear();
  save("[mqtt]\nkeepalive = 7\n[scripts]\nfault_limit = 3\n");
  CHECK(logs.has("nothing is left to change at the next start"));
}

TEST_CASE_METHOD(Fixture, "a save without a change does nothing") {
  save("# A remark.\n[mqtt]\nkeepalive = 7\n");
  CHECK(applied.empty());
  CHECK(logs.lines().empty());
}

TEST_CASE_METHOD(Fixture,
                 "a broken configuration changes nothing, and is reported as at the start") {
  SECTION("mistakes") { save("[scripts]\nfault_limit = -1\n[mqtt]\nkeepalif = 1\n"); }
  SECTION("no TOML") { save("[scripts\n"); }
  SECTION("no file") {
    std::filesystem::remove(*sources.file);
    reload.reload();
  }
  CHECK_FALSE(logs.has("[ERROR]"));  // It may have been half-written.
  advance(clock, timers, 100ms);
  CHECK(logs.has("[ERROR] engine"));
  CHECK(logs.has("engine.toml: not taken over, the configuration stays as it was"));
  CHECK(applied.empty());
  save("[scripts]\nfault_limit = 4\n[mqtt]\nkeepalive = 7\n");
  CHECK(applied.size() == 1);
}

TEST_CASE_METHOD(Fixture, "a configuration that was half-written is taken over when it is whole") {
  save("[scripts]\nfault_lim");
  advance(clock, timers, 50ms);
  folder.write("engine.toml", "[mqtt]\nkeepalive = 7\n[scripts]\nfault_limit = 4\n");
  advance(clock, timers, 50ms);
  CHECK(applied.size() == 1);
  CHECK_FALSE(logs.has("[ERROR]"));
}

TEST_CASE_METHOD(Fixture, "the command line still wins over a saved file") {
  save("[log]\nlevel = \"debug\"\n[mqtt]\nkeepalive = 7\n");
  CHECK(applied.empty());
  CHECK(reload.current().log.level == spdlog::level::err);
}

TEST_CASE_METHOD(Fixture, "a saved catalogue of topics is taken over, a broken one is not") {
  const auto catalogue = folder.write("topics.toml", "[[topics]]\nfilter = \"a\"\n");
  save("[mqtt]\nkeepalive = 7\n[topics]\nfiles = [\"topics.toml\"]\nfolders = [\"more\"]\n");
  CHECK(applied.empty());  // There is no such folder.
  advance(clock, timers, 100ms);
  CHECK(logs.has("topics.folders: "));
  save("[mqtt]\nkeepalive = 7\n[topics]\nfiles = [\"topics.toml\"]\n");
  REQUIRE(applied.size() == 1);
  CHECK(reload.files() == std::set<std::string>{sources.file->string(), catalogue.string()});

  folder.write("topics.toml", "[[topics]]\nfilter = \"a\"\nqos = 1\n");
  reload.reload();
  REQUIRE(applied.size() == 2);
  CHECK(applied[1].topics.policies.at(0).qos == 1);
  CHECK(logs.has("from now on the catalogue of topics = 1 definition"));

  folder.write("topics.toml", "[[topics]]\nfilter = \"a\"\nqos = 7\n");
  reload.reload();
  advance(clock, timers, 100ms);
  CHECK(applied.size() == 2);
  CHECK(logs.has("topics.toml:3:7: topics[1].qos: 7 is not a QoS (0-2)"));
}
