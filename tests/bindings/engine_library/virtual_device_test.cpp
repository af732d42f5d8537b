#include <algorithm>

#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

const std::string kUse = "local virtual_device = require 'engine.virtual_device'\n";
const std::string kDevice = kUse +
                            "virtual_device { id = 'esp32_01', commands = { 'room1/light',"
                            " 'room1/motor' }, delay = { 0.1, 0.1 } }\n";

struct VirtualDeviceFixture : ScriptFixture {
  std::vector<Message> out;
  VirtualDeviceFixture() {
    bus.on_outgoing = [this](const Message& m) { out.push_back(m); };
  }
  ~VirtualDeviceFixture() { bus.on_outgoing = nullptr; }
  Lines said() {
    Lines lines;
    for (const Message& m : std::exchange(out, {})) lines.push_back(m.topic + "=" + m.payload);
    return lines;
  }
  // The device of test.lua, which replaces one that was loaded before.
  void load_device(const std::string& options) {
    const std::string text = kUse + "virtual_device { id = 'esp32_01', " + options + " }";
    loaded_ ? save(text) : load(text);
    loaded_ = true;
    out.clear();
  }

 private:
  bool loaded_ = false;
};

}  // namespace

TEST_CASE_METHOD(VirtualDeviceFixture,
                 "virtual_device announces itself, and again with each link") {
  load(kDevice);
  REQUIRE(out.size() == 1);
  CHECK(out[0].retain);
  CHECK(out[0].qos == 1);
  CHECK(said() == Lines{"devices/esp32_01/status=online"});
  bus.connection_changed(false);
  CHECK(said().empty());
  bus.connection_changed(true);
  CHECK(said() == Lines{"devices/esp32_01/status=online"});
}

TEST_CASE_METHOD(VirtualDeviceFixture, "virtual_device confirms a command after its delay") {
  load(kDevice);
  said();
  incoming("room1/light", "ON");
  tick(99ms);
  CHECK(said().empty());
  tick(1ms);
  CHECK(said() == Lines{"room1/status=OK"});
  incoming("room1/steam", "ON");
  tick(1s);
  CHECK(said().empty());
}

TEST_CASE_METHOD(VirtualDeviceFixture, "virtual_device answers where the engine listens") {
  load_device("commands = { '#' }, delay = { 0, 0 }");
  for (const char* topic :
       {"room1/light", "room2/lamps/1", "devices/esp32_01/relay", "lamps/a/set", "siren"}) {
    incoming(topic, "ON");
    tick(1ms);
  }
  CHECK(said() == Lines{"room1/status=OK", "room2/status=OK", "devices/esp32_01/status=OK",
                        "lamps/a/status=OK", "siren/status=OK"});
  load_device("commands = { 'room1/light' }, delay = { 0, 0 }, status = 'room1/light/feedback'");
  incoming("room1/light", "ON");
  tick(1ms);
  CHECK(said() == Lines{"room1/light/feedback=OK"});
}

TEST_CASE_METHOD(VirtualDeviceFixture, "virtual_device echoes correlation data") {
  load(kDevice);
  said();
  bus.deliver(
      {.topic = "room1/light", .payload = "ON", .correlation_data = std::string("a\0b", 3)});
  tick(100ms);
  REQUIRE(out.size() == 1);
  CHECK(out[0].correlation_data == std::string("a\0b", 3));
}

TEST_CASE_METHOD(VirtualDeviceFixture, "virtual_device answers no confirmation and no old news") {
  load_device("commands = { '#' }, delay = { 0, 0 }");
  incoming("room1/status", "OK");
  incoming("room1/light/feedback", "OK");
  incoming("devices/esp32_01/status", "online");
  incoming("room1/audio", "bg.mp3");
  incoming("room1/light", "ON", true);
  tick(10s);
  CHECK(said().empty());
}

TEST_CASE_METHOD(VirtualDeviceFixture, "virtual_device fails as often as it is told to") {
  load_device("commands = { 'room1/light' }, delay = { 0, 0 }, failure = 0.25");
  for (int i = 0; i < 1000; ++i) incoming("room1/light", "ON");
  tick(1ms);
  const Lines lines = said();
  REQUIRE(lines.size() == 1000);
  const auto failed = std::count(lines.begin(), lines.end(), "room1/status=ERROR");
  CHECK(failed > 200);
  CHECK(failed < 300);
}

TEST_CASE_METHOD(VirtualDeviceFixture, "virtual_device does the same again with the same seed") {
  const auto played = [&](const std::string& seed) {
    load_device("commands = { 'room1/light' }, delay = { 0, 0 }, failure = 0.5" + seed);
    for (int i = 0; i < 64; ++i) incoming("room1/light", "ON");
    tick(1ms);
    return said();
  };
  const Lines by_id = played("");
  CHECK(played("") == by_id);
  CHECK(played(", seed = 'esp32_01'") == by_id);
  CHECK(played(", seed = 7") != by_id);
}

TEST_CASE_METHOD(VirtualDeviceFixture, "virtual_device can be silent, and be made to speak again") {
  load(kUse +
       "local esp = virtual_device { id = 'a', commands = { 'room1/light' }, delay = { 0, 0 },"
       " silent = true }\n"
       "mqtt.subscribe('repair', function() esp.silent = false end)");
  CHECK(said() == Lines{"devices/a/status=online"});
  incoming("room1/light", "ON");
  tick(10s);
  CHECK(said().empty());
  incoming("repair");
  incoming("room1/light", "ON");
  tick(1ms);
  CHECK(said() == Lines{"room1/status=OK"});
}

TEST_CASE_METHOD(VirtualDeviceFixture, "virtual_device: misuse is an error at the author's line") {
  const std::vector<std::pair<std::string, std::string>> misuses = {
      {"", "id: a name without / + and # expected, got nil"},
      {"id = 'a/b', commands = { 'x' }", "id: a name without"},
      {"id = 'a'", "commands: a list of topic filters expected"},
      {"id = 'a', commands = {}", "commands: a list of topic filters expected"},
      {"id = 'a', commands = { 'x', 'a/#/b' }", "commands: entry 2: 'a/#/b' is not a topic filter"},
      {"id = 'a', commands = { 'a+' }", "'a+' is not a topic filter"},
      {"id = 'a', commands = { 'a/b#' }", "'a/b#' is not a topic filter"},
      {"id = 'a', commands = { 'x' }, status = 'a/+'", "status: a topic without wildcards"},
      {"id = 'a', commands = { 'x' }, delay = 0.1", "delay: two numbers of seconds"},
      {"id = 'a', commands = { 'x' }, delay = { 0.3, 0.1 }", "the shorter first"},
      {"id = 'a', commands = { 'x' }, failure = 20", "failure: a probability from 0 to 1"},
      {"id = 'a', commands = { 'x' }, silent = 1", "silent: true or false expected, got 1"},
      {"id = 'a', commands = { 'x' }, seed = {}", "seed: a text, or a number"},
      {"id = 'a', commands = { 'x' }, accepts = 1", "accepts: a function expected, got number"},
      {"id = 'a', command = { 'x' }", "unknown option 'command', did you mean 'commands'?"}};
  for (const auto& [options, message] : misuses) {
    const std::string error = load_error(kUse + "virtual_device { " + options + " }");
    INFO(error);
    CHECK(error.find("test.lua:2: virtual_device: ") != std::string::npos);
    CHECK(error.find(message) != std::string::npos);
  }
}

namespace {

struct SimulateFixture : VirtualDeviceFixture {
  SimulateFixture() {
    services.config["simulation"] = {
        {"delay", {0.0, 0.0}}, {"failure", 0.0}, {"devices", {"esp32_01", "esp32_02"}}};
    const std::string script = std::string(ENGINE_SOURCE_DIR) + "/scripts/engine/simulate.lua";
    const auto loaded = host.add(script);
    INFO((loaded ? std::string{} : loaded.error().message));
    REQUIRE(loaded);
  }
};

}  // namespace

TEST_CASE_METHOD(SimulateFixture, "simulate: every command is answered once, and nothing else is") {
  CHECK(said() == Lines{"devices/esp32_01/status=online", "devices/esp32_02/status=online"});
  for (const char* topic :
       {"room1/light", "room1/steam", "room2/motor", "devices/esp32_02/relay"}) {
    incoming(topic, "ON");
    tick(1s);
  }
  CHECK(said() == Lines{"room1/status=OK", "room1/status=OK", "room2/status=OK",
                        "devices/esp32_02/status=OK"});
  for (const char* topic : {"room1/audio", "room1/video", "room1/status", "room1/feedback",
                            "room1/button1", "room1/lever", "room1/scene", "room1/start_scene",
                            "room1/STOP", "hall/light", "devices/a", "devices/esp32_01/status"}) {
    incoming(topic, "x");
    tick(1s);
  }
  CHECK(said().empty());
}
