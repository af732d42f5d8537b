#include "core/health/alerts.h"
#include "core/health/health_topic.h"
#include "core/health/status_topic.h"
#include "tests/core/health/health_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

struct Fixture : HealthFixture {
  Health health{readings, timers, "1.2.3"};
};

}  // namespace

TEST_CASE_METHOD(Fixture, "status topic: online with each connection, offline before the end") {
  link.up = false;
  StatusTopic status(bus, logs, "e/status", true);
  status.say_offline();
  CHECK(taken("e/status").empty());
  for (int i = 0; i < 2; ++i) {
    connection(true);
    const auto said = taken("e/status");
    REQUIRE(said.size() == 1);
    CHECK(said[0].payload == "online");
    CHECK(said[0].qos == 1);
    CHECK(said[0].retain);
    connection(false);
  }
  connection(true);
  taken("e/status");
  status.say_offline();
  CHECK(taken("e/status").at(0).payload == "offline");
}

TEST_CASE_METHOD(Fixture, "status topic: where another will has its place, nothing stays there") {
  const StatusTopic status(bus, logs, "e/status", false);
  CHECK(logs.has("[WARNING] mqtt - e/status is not published: a connection has one last will"));
  connection(true);
  const auto said = taken("e/status");
  REQUIRE(said.size() == 1);
  CHECK(said[0].payload.empty());
  CHECK(said[0].retain);
}

TEST_CASE_METHOD(Fixture, "health topic: with each connection and every interval, retained") {
  link.up = false;
  const HealthTopic topic(health, bus, timers, "e", 30s);
  tick(31s);
  CHECK(taken("e/health").empty());
  connection(true);
  CHECK(taken("e/health").size() == 1);
  tick(60s);
  const auto said = taken("e/health");
  REQUIRE(said.size() == 2);
  CHECK(said[0].qos == 1);
  CHECK(said[0].retain);
}

TEST_CASE_METHOD(Fixture, "health topic: interval 0 is never") {
  const HealthTopic topic(health, bus, timers, "e", 0s);
  connection(true);
  tick(1h);
  CHECK(taken("e/health").empty());
}

TEST_CASE_METHOD(Fixture, "health: the machine, the engine, and what its parts add") {
  readings.reading.cpu_temp = 42.123456;
  const Handle part = health.on_report.connect(
      [](nlohmann::json& report) { report["errors"]["rate_limited"] = 7; });
  tick(90s);
  const auto report = health.report();
  CHECK(report["hostname"] == "rehearsal");
  CHECK(report["cpu_temp"] == 42.12);
  CHECK(report["version"] == "1.2.3");
  CHECK(report["timestamp"] == 1'700'000'090.0);
  CHECK(report["uptime"] == 90.0);
  CHECK(report["engine"]["uptime"] == 90.0);
  CHECK(report["errors"] == nlohmann::json{{"rate_limited", 7}});
  for (const char* field : {"hwid", "ip", "mac", "wifi_rssi", "battery_level", "cpu_usage",
                            "memory_usage", "memory_available", "disk", "disk_free", "load"}) {
    INFO(field);
    CHECK(report.contains(field));
  }
  health.on_report.disconnect(part);
  CHECK(health.report()["errors"].empty());
}

TEST_CASE_METHOD(Fixture, "health: what cannot be read is left out, never null") {
  readings.reading = {};
  const auto report = health.report();
  for (const auto& [field, value] : report.items()) {
    INFO(field);
    CHECK_FALSE(value.is_null());
  }
  CHECK_FALSE(report.contains("hostname"));
  CHECK_FALSE(report.contains("cpu_temp"));
}

TEST_CASE_METHOD(Fixture, "alerts: an event, queued while the broker is away") {
  Alerts alerts(bus, clock, "e");
  connection(false);
  alerts.raise(Severity::critical, "store", "disk full \xff");
  CHECK(link.published.size() == 1);  // The link was given it all the same.
  const auto said = taken("e/alerts");
  REQUIRE(said.size() == 1);
  CHECK(said[0].qos == 1);
  CHECK_FALSE(said[0].retain);
  CHECK(nlohmann::json::parse(said[0].payload) ==
        nlohmann::json{{"time", "2023-11-14T22:13:20.000Z"},
                       {"severity", "critical"},
                       {"source", "store"},
                       {"message", "disk full \xEF\xBF\xBD"}});
}
