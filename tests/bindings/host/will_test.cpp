#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

const char* kWill = "mqtt.will('room1/fog', 'OFF', { qos = 1, retain = true })\n";

struct WillFixture : ScriptFixture {
  std::string path() { return (folder / "test.lua").string(); }
};

}  // namespace

TEST_CASE_METHOD(WillFixture, "mqtt.will: is published when its script is removed") {
  std::vector<Message> out;
  bus.on_outgoing = [&](const Message& m) { out.push_back(m); };
  load(kWill);
  tick(1s);
  CHECK(out.empty());
  host.remove(path());
  REQUIRE(out.size() == 1);
  CHECK(out[0].topic == "room1/fog");
  CHECK(out[0].payload == "OFF");
  CHECK(out[0].qos == 1);
  CHECK(out[0].retain);
}

TEST_CASE_METHOD(WillFixture, "mqtt.will: is published when its script is deleted") {
  load(kWill);
  std::filesystem::remove(path());
  host.file_changed(path());
  tick(1s);
  CHECK(taken() == Lines{"room1/fog=OFF"});
}

TEST_CASE_METHOD(WillFixture, "mqtt.will: is published when its script is set aside") {
  load(kWill + std::string("timer.every(1, function() error('broken') end)"));
  tick(20s);
  CHECK(taken() == Lines{"room1/fog=OFF"});
}

TEST_CASE_METHOD(WillFixture, "mqtt.will: is published when its script does not return") {
  load(kWill + std::string("mqtt.subscribe('go', function() while true do end end)"));
  save("mqtt.subscribe('x', print)");
  CHECK(taken() == Lines{"room1/fog=OFF"});
}

TEST_CASE_METHOD(WillFixture, "mqtt.will: the next version of a script takes it over") {
  load(kWill);
  SECTION("with the same will") { save(kWill); }
  SECTION("with another text, which then counts") {
    save("mqtt.will('room1/fog', 'STOP')");
    CHECK(taken().empty());
    host.remove(path());
    CHECK(taken() == Lines{"room1/fog=STOP"});
    return;
  }
  CHECK(taken().empty());
  host.remove(path());
  CHECK(taken() == Lines{"room1/fog=OFF"});
}

TEST_CASE_METHOD(WillFixture, "mqtt.will: one that the next version does not have is published") {
  load(kWill);
  save("mqtt.will('room1/light', 'OFF')");
  CHECK(taken() == Lines{"room1/fog=OFF"});
}

TEST_CASE_METHOD(WillFixture, "mqtt.will: a version that does not load changes nothing") {
  load(kWill);
  save("mqtt.will('room1/fog', 'NEW') error('broken')");
  tick(1s);
  CHECK(taken().empty());
  host.remove(path());
  CHECK(taken() == Lines{"room1/fog=OFF"});
}

TEST_CASE_METHOD(WillFixture, "mqtt.will: a later one replaces it, nil takes it back") {
  load(kWill + std::string("mqtt.subscribe('say', function(msg)\n"
                           "  if msg.payload == '' then mqtt.will('room1/fog', nil)\n"
                           "  else mqtt.will('room1/fog', msg.payload) end\nend)"));
  SECTION("replaced") {
    incoming("say", "LESS");
    incoming("say", "STOP");
    host.remove(path());
    CHECK(taken() == Lines{"room1/fog=STOP"});
  }
  SECTION("taken back") {
    incoming("say", "");
    host.remove(path());
    CHECK(taken().empty());
  }
  SECTION("taken back, and made anew") {
    incoming("say", "");
    incoming("say", "STOP");
    host.remove(path());
    CHECK(taken() == Lines{"room1/fog=STOP"});
  }
}

TEST_CASE_METHOD(WillFixture, "when the engine stops, nothing of a script follows its will") {
  load(kWill + std::string("timer.every(1, function() mqtt.publish('room1/fog', 'ON') end)\n"
                           "state.count = 7"));
  tick(1s);
  taken();
  host.release_all();
  CHECK(taken() == Lines{"room1/fog=OFF"});
  tick(5s);
  CHECK(taken().empty());
  CHECK(timers.size() == 0);
}
