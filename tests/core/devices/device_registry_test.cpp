#include "core/devices/device_registry.h"

#include <utility>

#include "tests/support/captured_logs.h"
#include "tests/support/catch.h"

using namespace engine;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  explicit Fixture(DeviceOptions options = {}) : registry(timers, std::move(options), logs) {
    registry.on_change.connect([this](const Device& device, Presence before) {
      changes += device.id + " " + to_string(before) + ">" + to_string(device.presence) + ";";
    });
  }

  VirtualClock clock;
  Timers timers{clock};
  test::CapturedLogs logs;
  DeviceRegistry registry;
  std::string changes;

  bool says(const std::string& id, const std::string& payload, bool retain = false) {
    return registry.handle(
        {.topic = "devices/" + id + "/status", .payload = payload, .retain = retain});
  }
  Device device(const std::string& id = "esp32_01") {
    const auto found = registry.find(id);
    REQUIRE(found);
    return *found;
  }
  void tick(Duration by) { advance(clock, timers, by); }
  std::string taken() { return std::exchange(changes, {}); }
  using Lines = std::vector<std::string>;
};

struct WithTimeout : Fixture {
  WithTimeout() : Fixture({.timeout = 15s}) {}
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a device that says so is online, and the log names it") {
  CHECK(says("esp32_01", "online"));
  CHECK(device().presence == Presence::online);
  CHECK(logs.lines() == Lines{"[DEBUG] mqtt_devices - Device esp32_01 status: online",
                              "[INFO] mqtt_devices - Device esp32_01 connected"});
  says("esp32_01", "online");
  CHECK(logs.count("connected") == 1);
  CHECK(taken() == "esp32_01 unknown>online;");
}

TEST_CASE_METHOD(Fixture, "a device that goes is counted and warned of") {
  says("esp32_01", "online");
  says("esp32_01", "offline");
  says("esp32_01", "offline");
  CHECK(logs.count("[WARNING] mqtt_devices - Device esp32_01 disconnected") == 1);
  CHECK(device().outages == 1);
  says("esp32_01", "online");
  says("esp32_01", "offline");
  CHECK(device().outages == 2);
  CHECK(taken() ==
        "esp32_01 unknown>online;esp32_01 online>offline;esp32_01 offline>online;"
        "esp32_01 online>offline;");
}

TEST_CASE_METHOD(Fixture, "a device that updates itself is still there") {
  says("esp32_01", "online");
  says("esp32_01", "updating");
  says("esp32_01", "online");
  CHECK(logs.count("connected") == 1);
  says("esp32_01", "updating");
  says("esp32_01", "offline");
  CHECK(device().outages == 1);
}

TEST_CASE_METHOD(Fixture, "a device first heard of as offline has not gone away") {
  says("esp32_01", "offline");
  CHECK(device().presence == Presence::offline);
  CHECK(device().outages == 0);
  CHECK_FALSE(logs.has("disconnected"));
}

TEST_CASE_METHOD(Fixture, "presence words count in any case and with white space around them") {
  CHECK(says("a", " ONLINE\r\n"));
  CHECK(says("b", "Updating"));
  CHECK(device("a").presence == Presence::online);
  CHECK(device("b").presence == Presence::updating);
}

TEST_CASE_METHOD(Fixture, "anything else on a status topic is not presence and changes nothing") {
  says("esp32_01", "online");
  for (const std::string& payload :
       {std::string("OK"), std::string("ERROR"), std::string(), std::string(1 << 20, '\xff')}) {
    CHECK_FALSE(says("esp32_01", payload));
    CHECK_FALSE(says("esp32_02", payload));
  }
  CHECK(device().presence == Presence::online);
  CHECK(registry.all().size() == 1);
}

TEST_CASE_METHOD(Fixture, "messages on other topics are none of its business") {
  CHECK_FALSE(registry.handle({.topic = "room1/status", .payload = "online"}));
  CHECK_FALSE(registry.handle({.topic = "devices/a/b/status", .payload = "online"}));
  CHECK_FALSE(registry.handle({.topic = "devices//status", .payload = "online"}));
  CHECK(registry.all().empty());
}

TEST_CASE_METHOD(Fixture, "a retained online was once, and need not be") {
  CHECK(says("esp32_01", "online", true));
  CHECK(device().presence == Presence::unknown);
  CHECK(device().was_online);
  CHECK(device().last_seen == WallTime{});
  CHECK(device().first_seen == clock.wall());
  CHECK_FALSE(logs.has(" connected"));
  CHECK(taken().empty());

  SECTION("its going is an outage all the same") {
    says("esp32_01", "offline");
    CHECK(device().outages == 1);
    CHECK(logs.has("Device esp32_01 disconnected"));
  }
  SECTION("a live one settles it") {
    says("esp32_01", "online");
    CHECK(device().presence == Presence::online);
    CHECK(logs.has("Device esp32_01 connected"));
  }
}

TEST_CASE_METHOD(Fixture, "a retained online does not undo what is known") {
  says("esp32_01", "online");
  says("esp32_01", "offline");
  says("esp32_01", "online", true);
  CHECK(device().presence == Presence::offline);
}

TEST_CASE_METHOD(Fixture, "a retained offline is believed") {
  SECTION("of a device never heard of") {
    says("esp32_01", "offline", true);
    CHECK(device().presence == Presence::offline);
    CHECK(device().outages == 0);
  }
  SECTION("of one that went while we were away") {
    says("esp32_01", "online");
    says("esp32_01", "offline", true);
    CHECK(device().presence == Presence::offline);
    CHECK(device().outages == 1);
  }
}

TEST_CASE_METHOD(Fixture, "times of a device") {
  const WallTime start = clock.wall();
  says("esp32_01", "online");
  tick(10s);
  says("esp32_01", "online");
  CHECK(device().first_seen == start);
  CHECK(device().last_seen == start + 10s);
  CHECK(device().last_seen_at == clock.now());
  CHECK(device().changed == start);
  tick(5s);
  says("esp32_01", "offline");
  CHECK(device().changed == start + 15s);
}

TEST_CASE_METHOD(WithTimeout, "a silent device is offline when its time is over") {
  says("esp32_01", "online");
  tick(10s);
  says("esp32_01", "online");
  tick(15s - 1ns);
  CHECK(device().presence == Presence::online);
  tick(1ns);
  CHECK(device().presence == Presence::offline);
  CHECK(device().outages == 1);
  CHECK(logs.has("[WARNING] mqtt_devices - Device esp32_01 disconnected"));
  CHECK(logs.has("Device esp32_01 status: silent for 15.000s"));
  CHECK(taken() == "esp32_01 unknown>online;esp32_01 online>offline;");
  tick(1h);
  CHECK(taken().empty());
  says("esp32_01", "online");
  tick(15s);
  CHECK(device().outages == 2);
}

TEST_CASE_METHOD(WithTimeout, "feedback and other messages show that a device is alive") {
  says("esp32_01", "online");
  tick(10s);
  says("esp32_01", "OK");
  tick(10s);
  registry.touch("esp32_01");
  tick(10s);
  CHECK(device().presence == Presence::online);
  CHECK(device().last_seen_at == clock.now() - 30s);
  says("esp32_01", "OK", true);  // Retained: shows nothing.
  tick(5s);
  CHECK(device().presence == Presence::offline);
}

TEST_CASE_METHOD(WithTimeout, "a device thought silent is back with its next message") {
  says("esp32_01", "online");
  tick(20s);
  registry.touch("esp32_01");
  CHECK(device().presence == Presence::online);
  tick(15s);
  CHECK(device().outages == 2);
}

TEST_CASE_METHOD(WithTimeout, "a device that said it goes is not brought back by other messages") {
  says("esp32_01", "online");
  SECTION("before it was silent") { says("esp32_01", "offline"); }
  SECTION("after it was silent") {
    tick(20s);
    says("esp32_01", "offline");
  }
  SECTION("after it was silent, and we had to be told by the broker") {
    tick(20s);
    says("esp32_01", "offline", true);
  }
  registry.touch("esp32_01");
  CHECK(device().presence == Presence::offline);
}

TEST_CASE_METHOD(WithTimeout, "a device known from a retained message must be heard in time") {
  says("esp32_01", "online", true);
  tick(15s);
  CHECK(device().presence == Presence::offline);
}

TEST_CASE_METHOD(WithTimeout, "a status flood costs one timer per device") {
  for (int i = 0; i < 1000; ++i) says("esp32_01", "online");
  CHECK(timers.size() == 1);
  registry.clear();
  CHECK(timers.size() == 0);
}

TEST_CASE_METHOD(Fixture, "touching a device that is not known does not make it known") {
  registry.touch("esp32_01");
  CHECK(registry.all().empty());
}

TEST_CASE_METHOD(Fixture, "a flood of new ids is bounded, with one warning") {
  logs.logs().set_default_level(spdlog::level::warn);
  for (size_t i = 0; i < DeviceRegistry::kMostDevices + 100; ++i) {
    CHECK(says("esp" + std::to_string(i), "online"));
  }
  CHECK(registry.all().size() == DeviceRegistry::kMostDevices);
  CHECK(logs.lines().size() == 1);
  CHECK(logs.has("Device esp10000 is not registered: at most 10000 devices"));
  says("esp5", "offline");
  CHECK(device("esp5").presence == Presence::offline);
}

TEST_CASE_METHOD(Fixture, "an id of monstrous length is not kept") {
  CHECK(says(std::string(60'000, 'x'), "online"));
  CHECK(registry.all().empty());
  CHECK(logs.lines().front().size() < 400);
}

TEST_CASE_METHOD(Fixture, "a listener may clear the registry") {
  registry.on_change.connect([this](const Device&, Presence) { registry.clear(); });
  CHECK(says("esp32_01", "online"));
  CHECK(registry.all().empty());
}

TEST_CASE("other topics than the museum's can carry presence") {
  Fixture derby{{.status_filters = {"devices/+/status", "derbynet/device/+/status"}}};
  CHECK(derby.registry.handle({.topic = "derbynet/device/starttimer/status", .payload = "online"}));
  CHECK(derby.device("starttimer").presence == Presence::online);
  CHECK(derby.says("esp32_01", "online"));
  CHECK(derby.registry.all().size() == 2);
}

TEST_CASE("options that make no sense are refused") {
  CHECK(check(DeviceOptions{}));
  CHECK(check(DeviceOptions{.status_filters = {"+/status"}}));
  for (const char* bad : {"devices/status", "+/+/status", "devices/+/#", "devices/x+/status", ""}) {
    INFO(bad);
    CHECK_FALSE(check(DeviceOptions{.status_filters = {bad}}));
  }
  CHECK(check(DeviceOptions{.status_filters = {"+/+/status"}}).error().message ==
        "status filter '+/+/status': exactly one level must be '+', for the device's id, and none "
        "'#'");
  CHECK(check(DeviceOptions{.timeout = 0s}).error().message ==
        "timeout: 0 s is not a positive time");
}
