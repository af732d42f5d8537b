#include "tests/bindings/support/script_fixture.h"
#include "tests/support/fake_link.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(ScriptFixture, "mqtt.subscribe: the wildcards' values follow the message") {
  load(
      "mqtt.subscribe('derbynet/device/+/#', function(msg, device, rest)\n"
      "  mqtt.publish('out', device .. '|' .. rest .. '|' .. msg.payload)\n"
      "end)\n");
  incoming("derbynet/device/L1/state/x", "GO");
  CHECK(taken() == Lines{"out=L1|state/x|GO"});
}

TEST_CASE_METHOD(ScriptFixture, "mqtt.subscribe: a payload is bytes, JSON is decoded on demand") {
  load(
      "mqtt.subscribe('a', function(msg)\n"
      "  mqtt.publish('out', { json = msg.json and msg.json.state or json.null,\n"
      "                        error = msg.json_error ~= nil, retained = msg.retained })\n"
      "end)\n"
      "mqtt.subscribe('pinny', function(msg) mqtt.publish('pinny is', msg.payload) end)\n");
  incoming("a", "{\"state\":\"GO\"}", true);
  REQUIRE(published.size() == 1);
  CHECK(nlohmann::json::parse(published[0].substr(4)) ==
        nlohmann::json{{"json", "GO"}, {"error", false}, {"retained", true}});
  taken();
  incoming("a", std::string("\xff\x00{", 3));
  REQUIRE(published.size() == 1);
  CHECK(nlohmann::json::parse(published[0].substr(4))["error"] == true);
  taken();
  incoming("pinny", "0042");
  CHECK(taken() == Lines{"pinny is=0042"});
}

TEST_CASE_METHOD(ScriptFixture, "mqtt.publish: payloads of every kind, options by name") {
  std::vector<Message> out;
  bus.on_outgoing = [&](const Message& m) { out.push_back(m); };
  load(
      "mqtt.subscribe('go', function()\n"
      "  assert(mqtt.publish('a', 'text', { qos = 2, retain = true }) == 'sent')\n"
      "  mqtt.publish('a', 0.5)\n"
      "  mqtt.publish('a', true)\n"
      "  mqtt.publish('a', { 1, 2 })\n"
      "end)\n");
  incoming("go");
  REQUIRE(out.size() == 4);
  CHECK(out[0].qos == 2);
  CHECK(out[0].retain);
  CHECK(out[1].payload == "0.5");
  CHECK(out[2].payload == "true");
  CHECK(out[3].payload == "[1,2]");
}

TEST_CASE_METHOD(ScriptFixture, "mqtt: a subscription that is cancelled hears no more") {
  load(
      "local handle\n"
      "handle = mqtt.subscribe('a', function()\n"
      "  mqtt.publish('out', 'once')\n"
      "  assert(handle:active() and handle:cancel() and not handle:cancel() and not "
      "handle:active())\n"
      "end)\n");
  incoming("a");
  incoming("a");
  CHECK(taken() == Lines{"out=once"});
  CHECK(faults.empty());
}

TEST_CASE_METHOD(ScriptFixture, "mqtt.publish: what becomes of it offline is the script's choice") {
  FakeLink link;
  link.up = false;
  bus.attach(&link);
  load(
      "mqtt.publish('a', '1')\n"
      "mqtt.publish('a', '2', { qos = 1 })\n"
      "mqtt.publish('a', '3', { qos = 1, offline = 'drop' })\n"
      "mqtt.publish('a', '4', { offline = 'queue' })\n"
      "mqtt.publish('a', '5', { offline = 'latest' })\n");
  bus.attach(nullptr);
  CHECK(link.published == Lines{"a=2", "a=4", "a=5"});
  CHECK(link.offline == std::vector{Offline::queue, Offline::queue, Offline::latest});
}

TEST_CASE_METHOD(ScriptFixture, "mqtt.publish says what becomes of it") {
  FakeLink link;
  link.up = false;
  bus.attach(&link);
  load(
      "local said = {}\n"
      "mqtt.subscribe('go', function(msg)\n"
      "  local how, why = mqtt.publish('a', '1', { qos = 1, offline = msg.payload })\n"
      "  table.insert(said, how or why)\n"
      "end)\n"
      "mqtt.subscribe('say', function() mqtt.publish('said', table.concat(said, ', ')) end)\n");
  incoming("go", "queue");
  incoming("go", "drop");
  link.when_down = PublishOutcome::dropped;
  incoming("go", "queue");
  link.up = true;
  incoming("go", "queue");
  link.published.clear();
  incoming("say");
  bus.attach(nullptr);
  CHECK(link.published ==
        Lines{"said=queued, simulated, the queue of outgoing messages is full, or it is too large "
              "for the broker, sent"});
}

TEST_CASE_METHOD(ScriptFixture, "mqtt.publish: MQTT 5's properties are text") {
  std::vector<Message> out;
  bus.on_outgoing = [&](const Message& m) { out.push_back(m); };
  load(
      "mqtt.subscribe('go', function()\n"
      "  mqtt.publish('a', '1', { content_type = 'text/plain', response_topic = 'b',\n"
      "    correlation_data = '\\0', user_properties = { unit = '°C' } })\n"
      "end)\n"
      "mqtt.subscribe('bad', function()\n"
      "  mqtt.publish('a', '1', { user_properties = { unit = '\\255' } })\n"
      "end)\n");
  incoming("go");
  REQUIRE(out.size() == 1);
  CHECK(out[0].content_type == "text/plain");
  CHECK(out[0].response_topic == "b");
  CHECK(out[0].correlation_data == std::string(1, '\0'));
  CHECK(out[0].user_properties == std::vector<std::pair<std::string, std::string>>{{"unit", "°C"}});
  incoming("bad");
  CHECK(out.size() == 1);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].message.find("option 'user_properties': at most 65535 bytes of UTF-8") !=
        std::string::npos);
}

TEST_CASE_METHOD(ScriptFixture, "mqtt: callbacks made in a coroutine outlive it") {
  load(
      "coroutine.wrap(function()\n"
      "  mqtt.subscribe('a', function() mqtt.publish('out', 'x') end)\n"
      "end)()\n"
      "collectgarbage()\n");
  incoming("a");
  CHECK(taken() == Lines{"out=x"});
}

TEST_CASE_METHOD(ScriptFixture, "mqtt.on_connection hears the link come and go") {
  load("mqtt.on_connection(function(up) mqtt.publish('link', up) end)");
  bus.connection_changed(true);
  bus.connection_changed(false);
  CHECK(taken() == Lines{"link=true", "link=false"});
}
