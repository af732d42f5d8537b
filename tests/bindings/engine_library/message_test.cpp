#include <nlohmann/json.hpp>

#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

const std::string kMessage = "local message = require 'engine.message'\n";

struct MessageFixture : ScriptFixture {
  std::vector<Message> out;
  MessageFixture() {
    bus.on_outgoing = [this](const Message& m) {
      published.push_back(m.topic + "=" + m.payload);
      out.push_back(m);
    };
  }
  ~MessageFixture() { bus.on_outgoing = nullptr; }  // Wills come after `out`.
  double wall() { return std::chrono::duration<double>(clock.wall().time_since_epoch()).count(); }
  // A valid envelope.
  json envelope(const std::string& type, json payload) {
    return {{"metadata",
             {{"timestamp", wall()},
              {"message_id", "0b0e9f2c-4d7d-4b40-9f0c-6a4d5b1a2c3d"},
              {"sender", "outside"},
              {"message_type", type},
              {"priority", 1},
              {"correlation_id", nullptr},
              {"expires_at", nullptr},
              {"retry_count", 0}}},
            {"payload", std::move(payload)}};
  }
  json reading() { return envelope("sensor_data", {{"sensor_type", "gps"}, {"data", {{"x", 1}}}}); }
  // A script that publishes on `got` what it has received on in/#.
  void listen(const std::string& options = "") {
    load(kMessage +
         "message.subscribe('in/#', function(msg, rest)\n"
         "  mqtt.publish('got', { rest = rest, content = msg.content,\n"
         "    sender = msg.envelope and msg.envelope.metadata.sender })\nend" +
         options +
         ")\nmqtt.subscribe('count', function() mqtt.publish('counts', message.counts()) end)");
  }
  json got() {
    const Lines lines = taken();
    REQUIRE(lines.size() == 1);
    return json::parse(lines[0].substr(4));
  }
};

}  // namespace

TEST_CASE_METHOD(MessageFixture, "message: envelopes as the document has them") {
  const auto made = [&](const std::string& call) {
    save(kMessage + "mqtt.publish('x', message.encode(" + call + "))");
    const Lines lines = taken();
    INFO((faults.empty() ? std::string{} : faults[0].message));
    REQUIRE(lines.size() == 1);
    return json::parse(lines[0].substr(2));
  };
  load("");
  json made_now =
      made("message.sensor_data { sender = 'gps1', sensor_type = 'gps', data = {x=1} }");
  json metadata = made_now["metadata"];
  CHECK(metadata["message_id"].get<std::string>().size() == 36);
  CHECK(metadata["timestamp"].get<double>() == wall());
  metadata.erase("message_id");
  metadata.erase("timestamp");
  CHECK(metadata == json({{"sender", "gps1"},
                          {"message_type", "sensor_data"},
                          {"priority", 1},
                          {"correlation_id", nullptr},
                          {"expires_at", nullptr},
                          {"retry_count", 0}}));
  CHECK(made_now["payload"] == json({{"sensor_type", "gps"},
                                     {"device_id", "gps1"},
                                     {"data", {{"x", 1}}},
                                     {"units", json::object()},
                                     {"quality", 1},
                                     {"status", "healthy"}}));

  made_now =
      made("message.command { sender = 'a', target = 'b', command = 'ping', expires_in = 5 }");
  CHECK(made_now["payload"] == json({{"target", "b"},
                                     {"command", "ping"},
                                     {"parameters", json::object()},
                                     {"timeout", 30},
                                     {"require_ack", true}}));
  CHECK(made_now["metadata"]["correlation_id"].is_string());
  CHECK(made_now["metadata"]["expires_at"].get<double>() == wall() + 5);

  made_now = made("message.response { sender = 'b', success = true, correlation_id = 'c' }");
  CHECK(made_now["payload"] == json({{"success", true},
                                     {"result", nullptr},
                                     {"error", nullptr},
                                     {"execution_time", nullptr}}));
  CHECK(made_now["metadata"]["correlation_id"] == "c");

  made_now = made("message.status { sender = 'b', status = 'healthy' }");
  CHECK(made_now["payload"] == json({{"status", "healthy"},
                                     {"uptime", 0},
                                     {"version", "1.0.0"},
                                     {"details", json::object()},
                                     {"resources", json::object()}}));
  CHECK(made_now["metadata"]["priority"] == 0);

  made_now = made("message.event { sender = 'b', event_type = 'x', event_data = { 1 } }");
  CHECK(made_now["payload"] ==
        json({{"event_type", "x"}, {"event_data", {1}}, {"source", "b"}, {"category", "system"}}));
  CHECK(made("message.heartbeat { sender = 'b' }")["metadata"]["message_type"] == "heartbeat");

  made_now = made("message.alert { sender = 'b', alert_type = 'x', message = 'y' }");
  CHECK(made_now["payload"] == json({{"alert_type", "x"},
                                     {"severity", "warning"},
                                     {"message", "y"},
                                     {"acknowledged", false},
                                     {"auto_resolve", false},
                                     {"context", json::object()}}));
  CHECK(made_now["metadata"]["priority"] == 2);
  CHECK(made("message.alert { sender = 'b', alert_type = 'x', message = 'y',"
             " severity = 'critical' }")["metadata"]["priority"] == 3);
}

TEST_CASE_METHOD(MessageFixture, "message: NaN and infinities are written as null") {
  load(kMessage +
       "mqtt.publish('x', message.encode(message.sensor_data { sender = 'a', sensor_type = 'b',\n"
       "  data = { nan = 0/0, list = { 1, math.huge, -math.huge }, good = 2 } }))");
  CHECK(json::parse(taken().at(0).substr(2))["payload"]["data"] ==
        json({{"nan", nullptr}, {"list", {1, nullptr, nullptr}}, {"good", 2}}));
}

TEST_CASE_METHOD(MessageFixture, "message.subscribe: envelopes, flat JSON and plain text arrive") {
  listen();
  incoming("in/a", reading().dump());
  json one = got();
  CHECK(one["sender"] == "outside");
  CHECK(one["rest"] == "a");
  CHECK(one["content"]["data"]["x"] == 1);
  incoming("in/a", R"({"metadata": 1, "level": 80})");
  one = got();
  CHECK_FALSE(one.contains("sender"));
  CHECK(one["content"]["level"] == 80);
  incoming("in/a", "OFF now");
  CHECK(got()["content"] == "OFF now");
  incoming("in/a", "0042");
  CHECK(got()["content"] == "0042");
  incoming("in/a", "[1,2]");
  CHECK(got()["content"] == json({1, 2}));
  incoming("in/a", std::string("\xff\x00", 2));
  CHECK(faults.size() == 1);  // The test's own: such text has no JSON form.
}

TEST_CASE_METHOD(MessageFixture, "message.subscribe: what breaks the rules is dropped, and named") {
  listen();
  const auto dropped = [&](json bad, const std::string& why) {
    incoming("in/a", bad.dump());
    INFO(why);
    CHECK(taken().empty());
    CHECK(logs.has("in/a: dropped an envelope: " + why));
  };
  for (const char* name : {"message_id", "sender", "timestamp", "message_type"}) {
    json bad = reading();
    bad["metadata"].erase(name);
    dropped(bad, std::string("metadata.") + name + " is missing");
    bad["metadata"][name] = nullptr;
    dropped(bad, std::string("metadata.") + name + " is missing");
  }
  json bad = reading();
  bad["metadata"]["sender"] = 7;
  dropped(bad, "metadata.sender: text expected");
  bad = reading();
  bad["metadata"]["timestamp"] = "yesterday";
  dropped(bad, "metadata.timestamp: seconds since 1970 expected");
  bad["metadata"] = "x";
  dropped(bad, "metadata: an object expected");
  bad = reading();
  bad["metadata"]["message_type"] = "gossip";
  dropped(bad, "metadata.message_type: 'gossip' is none of the seven");
  bad = reading();
  bad["metadata"]["priority"] = 4;
  dropped(bad, "metadata.priority: 0, 1, 2 or 3 expected");
  dropped(envelope("sensor_data", nullptr), "payload: an object expected");
  dropped(envelope("sensor_data", {{"data", 1}}), "payload.sensor_type is missing");
  dropped(envelope("sensor_data", {{"sensor_type", "x"}}), "payload.data is missing");
  dropped(envelope("command", {{"target", "x"}}), "payload.command is missing");
  dropped(envelope("command", {{"command", "x"}}), "payload.target is missing");
  dropped(envelope("command", {{"command", 5}, {"target", "x"}}), "payload.command: text expected");
  dropped(envelope("response", json::object()), "payload.success is missing");
  incoming("count");
  CHECK(json::parse(taken().at(0).substr(7))["invalid"] == 20);
}

TEST_CASE_METHOD(MessageFixture,
                 "message.subscribe: a flood of bad envelopes is one line a minute") {
  listen();
  json bad = reading();
  bad["metadata"].erase("sender");
  for (int i = 0; i < 100; ++i) incoming("in/a", bad.dump());
  CHECK(logs.count("metadata.sender is missing") == 1);
  tick(60s);
  incoming("in/a", bad.dump());
  CHECK(logs.count("metadata.sender is missing") == 2);
}

TEST_CASE_METHOD(MessageFixture, "message.subscribe: a clock that is behind is one line a minute") {
  listen();
  json old = reading();
  tick(400s);
  for (int i = 0; i < 10; ++i) {
    incoming("in/a", old.dump());
    tick(1s);
  }
  CHECK(logs.count("s old, more than 300 s") == 1);
}

TEST_CASE_METHOD(MessageFixture, "message.subscribe: what others have written is quoted in short") {
  listen();
  json odd = reading();
  odd["metadata"]["message_type"] = "\n" + std::string(100'000, 'x');
  incoming("in/a", odd.dump());
  CHECK(logs.has("message_type: '?" + std::string(56, 'x') + "...' is none of the seven"));
}

TEST_CASE_METHOD(MessageFixture, "message.subscribe: the expired and the old are dropped") {
  SECTION("at the limit of the configuration") {
    services.config["services"] = {{"max_message_age", 10}};
    listen();
    json old = reading();
    tick(10s);
    incoming("in/a", old.dump());
    CHECK(taken().size() == 1);
    tick(1s);
    incoming("in/a", old.dump());
    CHECK(taken().empty());
    CHECK(logs.has("it is 11 s old, more than 10 s"));
    bus.deliver({.topic = "in/a", .payload = old.dump(), .retain = true});
    CHECK(taken().size() == 1);
  }
  SECTION("300 s by default") {
    listen();
    json old = reading();
    tick(301s);
    incoming("in/a", old.dump());
    CHECK(taken().empty());
  }
  SECTION("at a limit of its own") {
    listen(", { max_age = 1 }");
    json old = reading();
    tick(2s);
    incoming("in/a", old.dump());
    CHECK(taken().empty());
  }
  SECTION("when it says that it expires, also when it was retained") {
    listen();
    json short_lived = reading();
    short_lived["metadata"]["expires_at"] = wall() + 2;
    incoming("in/a", short_lived.dump());
    CHECK(taken().size() == 1);
    tick(2s);
    incoming("in/a", short_lived.dump());
    incoming("in/a", short_lived.dump(), true);
    CHECK(taken().empty());
    incoming("count");
    CHECK(json::parse(taken().at(0).substr(7))["expired"] == 2);
  }
}

TEST_CASE_METHOD(MessageFixture,
                 "message.publish: the priority raises the QoS and never lowers it") {
  load(kMessage +
       "local function send(priority, qos)\n"
       "  message.publish('x', message.event { sender = 'a', event_type = 'b',\n"
       "    priority = priority }, { qos = qos, retain = true })\nend\n"
       "send('low') send('low', 1) send('normal') send('high') send('high', 2) send('critical')");
  std::vector<int> qos;
  for (const Message& m : out) {
    qos.push_back(m.qos);
    CHECK(m.retain);
  }
  CHECK(qos == std::vector<int>{0, 1, 1, 1, 2, 2});
}

TEST_CASE("message: misuse is an error at the author's line") {
  const std::pair<const char*, const char*> rows[] = {
      {"message.event()", "message.event: a table expected, got nil"},
      {"message.event { sender = 'a' }", "message.event: event_type is missing"},
      {"message.event { event_type = 'x' }",
       "message.event: sender: the id of who speaks expected"},
      {"message.event { sender = '', event_type = 'x' }", "message.event: sender: the id"},
      {"message.event { sender = 'a', event_type = 'x', priority = 3 }", "priority: \"low\""},
      {"message.event { sender = 'a', event_type = 'x', sverity = 1 }", "unknown option 'sverity'"},
      {"message.event { sender = 'a', event_type = 'x', expires_in = -1 }", "expires_in: seconds"},
      {"message.alert { sender = 'a', alert_type = 'x', message = 'y', severity = 'bad' }",
       "severity: \"info\", \"warning\", \"error\" or \"critical\" expected, got bad"},
      {"message.response { sender = 'a', success = 1 }", "success: true or false expected"},
      {"message.encode 'x'", "message.encode: an envelope expected"},
      {"message.encode { metadata = {}, payload = {} }", "metadata.message_id is missing"},
      {"message.encode(message.event { sender = 'a', event_type = 'b', event_data = print })",
       "a function has no JSON form"},
      {"message.decode(1)", "message.decode: string expected, got number"},
      {"message.read 'x'", "message.read: a message expected, got string"},
      {"message.subscribe('a/#/b', print)", "'#' must be the last level"},
      {"message.subscribe('a')", "message.subscribe: function expected, got nil"},
      {"message.subscribe('a', print, { max_age = 'x' })", "max_age: seconds from 0 expected"},
      {"message.publish('a', 'x')", "message.publish: an envelope expected"},
      {"message.publish('a/#', message.event { sender = 'a', event_type = 'b' })",
       "has a wildcard"},
  };
  for (const auto& [call, expected] : rows) {
    ScriptFixture show;
    INFO(call);
    const std::string error = show.load_error(kMessage + call);
    INFO(error);
    CHECK(error.find("test.lua:2: ") != std::string::npos);
    CHECK(error.find(expected) != std::string::npos);
  }
}
