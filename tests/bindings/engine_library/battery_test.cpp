#include <nlohmann/json.hpp>

#include "tests/bindings/support/script_fixture.h"
#include "tests/support/fake_link.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

const std::string kUse = "local battery = require 'engine.battery'\n";
const std::string kOne = "AA:BB:CC:DD:EE:01";

// A garage with one battery in a van; `more` are further options.
std::string garage(const std::string& more = "", const std::string& of_battery = "") {
  return kUse +
         "local garage = battery.garage { vehicles = { van = { name = 'The van' }, car = {} },\n" +
         "  batteries = { ['" + kOne + "'] = { name = 'Starter', vehicle = 'van', " + of_battery +
         " } }, " + more + " }\n" +
         "garage:readings_from 'reader/+'\n"
         "garage:status_from 'reader/+/status'\n";
}

struct BatteryFixture : ScriptFixture {
  BatteryFixture() {
    bus.on_outgoing = [this](const Message& m) { out.push_back(m); };
  }
  ~BatteryFixture() { bus.on_outgoing = nullptr; }  // Wills come after `out`.
  void read(const std::string& values, const std::string& id = kOne) {
    incoming("reader/" + id, values);
    tick(100ms);
  }
  // The payloads on a topic since the last `clear`, decoded; null for an empty one.
  std::vector<json> sent(const std::string& topic) const {
    std::vector<json> payloads;
    for (const Message& m : out) {
      if (m.topic != topic) continue;
      payloads.push_back(m.payload.empty() ? json() : json::parse(m.payload));
    }
    return payloads;
  }
  // The last one.
  json last(const std::string& topic) const {
    const auto payloads = sent(topic);
    INFO(topic);
    REQUIRE_FALSE(payloads.empty());
    return payloads.back();
  }
  json health() const { return last("battery_hawk/device/" + kOne + "/health"); }
  json summary(const std::string& id = "van") const {
    return last("battery_hawk/vehicle/" + id + "/summary");
  }
  void clear() { out.clear(); }

  std::vector<Message> out;
};

}  // namespace

TEST_CASE_METHOD(BatteryFixture, "battery: two of three connected is 0.67, good") {
  load(kUse +
       "local garage = battery.garage { health = battery.connected, topics = 'both',\n"
       "  vehicles = { my_vehicle = {} }, batteries = {\n"
       "    ['AA:BB:CC:DD:EE:01'] = { vehicle = 'my_vehicle', capacity = 100 },\n"
       "    ['AA:BB:CC:DD:EE:02'] = { vehicle = 'my_vehicle', capacity = 100 },\n"
       "    ['AA:BB:CC:DD:EE:03'] = { vehicle = 'my_vehicle', capacity = 100 } } }\n"
       "garage:readings_from 'reader/+'");
  read(R"({"voltage": 12.6})");
  read(R"({"voltage": 12.2})", "AA:BB:CC:DD:EE:02");
  const json told = summary("my_vehicle");
  CHECK(told["total_devices"] == 3);
  CHECK(told["connected_devices"] == 2);
  CHECK(told["average_voltage"] == 12.4);
  CHECK(told["total_capacity"] == 300);
  CHECK(told["health_score"] == 0.67);
  CHECK(told["overall_health"] == "good");
  CHECK(told["devices"][2] == json::parse(R"({"id": "AA:BB:CC:DD:EE:03", "connected": false,
      "name": "AA:BB:CC:DD:EE:03", "status": "disconnected"})"));
  CHECK(last("battery_hawk/vehicles/my_vehicle/summary") == told);  // The older form too.
  CHECK(sent("battery_hawk/devices/AA:BB:CC:DD:EE:01/readings").size() == 1);
}

TEST_CASE_METHOD(BatteryFixture, "battery: the prefix and the form of the topics can be set") {
  load(garage("prefix = 'site/batteryhawk', topics = 'devices'"));
  read(R"({"voltage": 12.6})");
  const std::string device = "site/batteryhawk/devices/" + kOne;
  for (const std::string& topic : {device + "/readings", device + "/status", device + "/health",
                                   std::string("site/batteryhawk/vehicles/van/summary"),
                                   std::string("site/batteryhawk/system/status")}) {
    INFO(topic);
    CHECK_FALSE(sent(topic).empty());
  }
  for (const Message& m : out) CHECK(m.topic.find("/device/") == m.topic.npos);
}

TEST_CASE_METHOD(BatteryFixture, "battery: what is known survives a save, and the score is new") {
  load(garage());
  read(R"({"voltage": 12.65})");
  CHECK(health()["score"] == 100);
  clear();
  save(garage("health = function() return 7, { { name = 'mine', points = 93 } } end"));
  tick(1ms);
  CHECK(health()["score"] == 7);
  CHECK(health()["voltage"] == 12.65);
  CHECK(health()["connected"] == true);
  CHECK(summary()["overall_health"] == "poor");
  CHECK(summary()["health_reasons"][0]["name"] == "mine");
  CHECK(sent("battery_hawk/system/shutdown") == std::vector<json>{json()});  // Only taken back.
}

TEST_CASE_METHOD(BatteryFixture, "battery: a save that changes nothing tells nothing again") {
  load(garage());
  read(R"({"voltage": 12.65})");
  clear();
  save(garage() + "-- nothing new");
  tick(1s);
  CHECK(sent("battery_hawk/vehicle/van/summary").empty());
  CHECK(sent("battery_hawk/device/" + kOne + "/health").empty());
  CHECK(sent("battery_hawk/device/" + kOne + "/status").empty());
}

TEST_CASE_METHOD(BatteryFixture, "battery: one that is gone from the script is forgotten") {
  load(garage());
  read(R"({"voltage": 12.65})");
  clear();
  save(kUse + "battery.garage { vehicles = { car = {} } }");
  tick(1ms);
  CHECK(last("battery_hawk/device/" + kOne + "/status").is_null());
  CHECK(last("battery_hawk/device/" + kOne + "/health").is_null());
  CHECK(summary().is_null());
}

TEST_CASE_METHOD(BatteryFixture, "battery: a scoring function that fails is a fault, once") {
  const std::string bad =
      GENERATE(as<std::string>{}, "error 'no idea'", "return 101", "return 'good'", "return 0 / 0",
               "return 50, 'reasons'", "return 50, { { points = 3 } }",
               "return 50, { { name = 'x', text = print } }");
  INFO(bad);
  load(garage("health = function() " + bad + " end"));
  read(R"({"voltage": 12.65})");
  tick(60s);
  CHECK(faults.size() == 1);
  CHECK(health()["score"] == 100);  // The built-in one stands in.
}

TEST_CASE_METHOD(BatteryFixture, "battery: a monitor that is not wanted stays outside") {
  load(
      garage("on_discovery = function(found)\n"
             "  if (found.rssi or 0) < -90 then return false end\n"
             "  return { name = 'New', vehicle = 'car', chemistry = 'agm' } end"));
  read(R"({"voltage": 12.6, "rssi": -95})", "11:22:33:44:55:66");
  read(R"({"voltage": 12.6, "rssi": -95})", "11:22:33:44:55:66");
  CHECK(sent("battery_hawk/discovery/found").size() == 1);
  CHECK(sent("battery_hawk/device/11:22:33:44:55:66/reading").empty());
  read(R"({"voltage": 12.8, "rssi": -40})", "11:22:33:44:55:77");
  CHECK(last("battery_hawk/vehicle/car/device_associated")["device_id"] == "11:22:33:44:55:77");
  CHECK(summary("car")["devices"][0]["name"] == "New");
  SECTION("and one that is stays over a save") {
    save(garage());
    tick(1ms);
    clear();
    read(R"({"voltage": 12.7})", "11:22:33:44:55:77");
    CHECK(sent("battery_hawk/discovery/found").empty());
    CHECK(summary("car")["average_voltage"] == 12.7);
  }
}

TEST_CASE_METHOD(BatteryFixture, "battery: a battery that moves changes both vehicles") {
  load(garage() +
       "mqtt.subscribe('move', function(msg)\n"
       "  local done, err = garage:associate('aa-bb-cc-dd-ee-01', msg.payload)\n"
       "  mqtt.publish('moved', tostring(done) .. ' ' .. tostring(err)) end)");
  read(R"({"voltage": 12.65})");
  clear();
  incoming("move", "boat");  // Unknown: a warning, and nothing is sent.
  CHECK(out.size() == 1);
  CHECK(out[0].payload == "nil there is no vehicle 'boat'");
  incoming("move", "car");
  tick(100ms);
  CHECK(last("battery_hawk/vehicle/car/device_associated")["previous_vehicle_id"] == "van");
  CHECK(summary("van")["total_devices"] == 0);
  CHECK(summary("van")["average_voltage"] == 0);
  CHECK(summary("car")["connected_devices"] == 1);
}

TEST_CASE_METHOD(BatteryFixture, "battery: 24 V are twice 12 V") {
  load(garage("", "nominal = 24"));
  read(R"({"voltage": 25.3})");
  CHECK(health()["state_of_charge"] == 100);
  read(R"({"voltage": 23.8})");
  tick(70s);
  CHECK(health()["alerts"] == json::array({"low_voltage"}));
}

TEST_CASE_METHOD(BatteryFixture, "battery: the sign of a charging current can be set") {
  load(garage("charging_current = 'negative'"));
  read(R"({"voltage": 12.5, "current": -5})");
  CHECK(health()["charging"] == true);
  read(R"({"voltage": 12.5, "current": 5})");
  CHECK(health()["charging"] == false);
}

TEST_CASE_METHOD(BatteryFixture, "battery: times are read in every form, zones included") {
  load(garage());
  // The rehearsal's clock is later than these.
  const std::vector<std::pair<std::string, std::string>> times = {
      {R"("2020-02-29T23:59:59.250+01:00")", "2020-02-29T22:59:59.250Z"},
      {R"("2020-03-01T00:30:00-0130")", "2020-03-01T02:00:00.000Z"},
      {R"("2023-01-15T10:30:00.000Z")", "2023-01-15T10:30:00.000Z"},
      {R"("2023-01-16 00:00:00")", "2023-01-16T00:00:00.000Z"},
      {"1690000000.5", "2023-07-22T04:26:40.500Z"}};
  for (const auto& [given, read_as] : times) {
    read(R"({"voltage": 12.6, "timestamp": )" + given + "}");
    CHECK(last("battery_hawk/device/" + kOne + "/reading")["timestamp"] == read_as);
  }
}

TEST_CASE_METHOD(BatteryFixture, "battery: its own readings are nobody's measurement") {
  load(garage() + "garage:readings_from 'battery_hawk/device/+/reading'");
  read(R"({"voltage": 12.6})");
  CHECK(sent("battery_hawk/device/" + kOne + "/reading").size() == 1);
}

TEST_CASE_METHOD(BatteryFixture, "battery: a flood of bad messages is a line a minute") {
  load(garage());
  for (int i = 0; i < 1000; ++i) incoming("reader/" + kOne, "nonsense");
  CHECK(logs.count("a JSON object expected") == 1);
  CHECK(faults.empty());
}

TEST_CASE_METHOD(BatteryFixture,
                 "battery: what is retained is sent again to a broker that is back") {
  FakeLink link;
  bus.attach(&link);
  load(garage());
  read(R"({"voltage": 12.65})");
  clear();
  bus.connection_changed(false);
  bus.connection_changed(true);
  tick(1ms);
  CHECK(sent("battery_hawk/device/" + kOne + "/status").size() == 1);
  CHECK(sent("battery_hawk/device/" + kOne + "/health").size() == 1);
  CHECK(sent("battery_hawk/vehicle/van/summary").size() == 1);
  CHECK(sent("battery_hawk/device/" + kOne + "/reading").empty());
  bus.attach(nullptr);
}

TEST_CASE_METHOD(BatteryFixture, "battery: a farewell keeps its reason to the end") {
  load(garage() + "mqtt.subscribe('bye', function() garage:shutdown 'winter' end)");
  incoming("bye");
  CHECK(last("battery_hawk/system/shutdown")["reason"] == "winter");
  clear();
  host.release_all();
  CHECK(last("battery_hawk/system/shutdown")["reason"] == "winter");
}

TEST_CASE_METHOD(BatteryFixture, "battery: the engine says farewell for a script that ends") {
  load(garage());
  tick(1ms);
  clear();
  host.release_all();
  const json told = last("battery_hawk/system/shutdown");
  CHECK(told["status"] == "shutting_down");
  CHECK(out.back().qos == 2);
  CHECK(out.back().retain);
}

TEST_CASE_METHOD(BatteryFixture,
                 "battery: misuse of its methods is an error at the author's line") {
  const std::vector<std::pair<std::string, std::string>> misuses = {
      {"garage:battery 'AA:BB'", "garage:battery: 'AA:BB' is not a MAC address: six pairs"},
      {"garage.battery('x')", "write it with a colon, garage:battery(...)"},
      {"garage:associate('AA:BB:CC:DD:EE:01', 'my van')", "'my van' is not a vehicle id: letters"},
      {"garage:discovered { name = 'x' }", "garage:discovered: device_id: 'nil' is not a MAC"},
      {"garage:discovered { device_id = 'AA:BB:CC:DD:EE:02', rssi = 'x' }", "rssi: a number"},
      {"garage:readings_from 'a/#/b'", "'a/#/b' is not a topic filter"},
      {"garage:readings_from('a', 1)", "garage:readings_from: a function expected, got number"},
      {"garage:shutdown(1)", "garage:shutdown: a text expected, got number"},
      {"garage:system_status 'x'", "garage:system_status: extra: a table expected"},
      {"one:reading(12.6)", "battery:reading: a table such as { voltage = 12.6 } expected"},
      {"one:reading {}", "battery:reading: a reading has at least one of voltage, current"},
      {"one:reading { voltge = 1 }", "unknown option 'voltge', did you mean 'voltage'?"},
      {"one:reading { voltage = '12' }", "voltage: a number from 0 to 1000 expected, got 12"},
      {"one:reading { voltage = 0 / 0 }", "voltage: a number from 0 to 1000 expected, got "},
      {"one:reading { state_of_charge = 101 }", "state_of_charge: a number from 0 to 100"},
      {"one:reading { voltage = 12, timestamp = 'now' }", "timestamp: unix seconds or an ISO"},
      {"one:reading { voltage = 12, extra = { print } }", "extra: "},
      {"one:sessions { limit = 0 }", "battery:sessions: limit: a number from 1 to 1000"},
      {"one:sessions { form = 1 }", "unknown option 'form', did you mean 'from'?"},
      {"one:status { connected = 1 }", "battery:status: connected: boolean expected, got number"},
      {"one:status {}", "battery:status: connected: true or false expected"},
      {"one:status { connected = true, error = 1 }", "unknown option 'error'"}};
  for (const auto& [call, message] : misuses) {
    const std::string error = load_error(garage() + "local one = garage:battery '" + kOne + "'\n" +
                                         call + "\nprint(one)");
    INFO(error);
    CHECK(error.find("test.lua:7: ") != std::string::npos);
    CHECK(error.find(message) != std::string::npos);
  }
}

TEST_CASE_METHOD(BatteryFixture, "battery: a wrong declaration is an error at the author's line") {
  const std::string mac = "batteries = { ['AA:BB:CC:DD:EE:01'] = { ";
  const std::vector<std::pair<std::string, std::string>> misuses = {
      {"prefix = 'a/+'", "garage: prefix: a topic without wildcards"},
      {"prefix = '/a'", "garage: prefix: a topic without wildcards, and no / at its ends"},
      {"topics = 'old'", "garage: topics: one of device, devices, both expected, got old"},
      {"topic = 'device'", "garage: unknown option 'topic', did you mean 'topics'?"},
      {"vehicles = { ['my van'] = {} }", "garage: vehicles: 'my van' is not a vehicle id"},
      {"vehicles = { van = 'x' }", "garage: vehicles: van: a table expected, got string"},
      {"batteries = { ['AA:BB'] = {} }", "garage: batteries: 'AA:BB' is not a MAC address"},
      {"batteries = { ['AA:BB:CC:DD:EE:01'] = {}, ['aa-bb-cc-dd-ee-01'] = {} }", "is there twice"},
      {mac + "vehicle = 'vam' } }, vehicles = { van = {} }",
       "there is no vehicle 'vam', did you mean 'van'?"},
      {mac + "chemistry = 'lead' } }", "chemistry: one of agm, flooded, gel, lifepo4 expected"},
      {mac + "nominal = '12' } }", "nominal: a number from 1 to 1000 expected, got 12"},
      {"health = 'connected'", "garage: health: function expected, got string"},
      {"offline_after = 0", "garage: offline_after: a number from 1"},
      {"home_assistant = { prefx = 'ha' }", "unknown option 'prefx', did you mean 'prefix'?"},
      {"alerts = { low = {} }", "garage: alerts: low: of: one of age, current, drain"},
      {"alerts = { low = { of = 'voltge', below = 1 } }", "did you mean 'voltage'?"},
      {"alerts = { low = { of = 'voltage' } }", "low: below or above expected, a number"},
      {"alerts = { low = { of = 'voltage', below = 12, above = 13 } }", "below or above expected"},
      {"alerts = { low = { of = 'voltage', below = 12, clear = 11 } }",
       "low: clear: a number from 12 expected, got 11"},
      {"alerts = { hot = { of = 'temperature', above = 50, clear = 60 } }",
       "hot: clear: a number up to 50 expected, got 60"},
      {"alerts = { low = { of = 'voltage', below = 12, severity = 'bad' } }", "severity: info"},
      {"alerts = { low = true }", "low: a table such as"}};
  for (const auto& [options, message] : misuses) {
    const std::string error = load_error(kUse + "battery.garage { " + options + " }");
    INFO(error);
    CHECK(error.find("test.lua:2: garage: ") != std::string::npos);
    CHECK(error.find(message) != std::string::npos);
  }
  CHECK(load_error(kUse + "battery.garage {}\nbattery.garage {}")
            .find("there is one with the prefix 'battery_hawk' already") != std::string::npos);
}
