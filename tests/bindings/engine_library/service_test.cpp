#include <nlohmann/json.hpp>
#include <optional>

#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

const std::string kService = "local service = require 'engine.service'\n";
const std::string kStatus = "lawnberry/system/services/mower/status";

struct ServiceFixture : ScriptFixture {
  std::vector<Message> out;
  ServiceFixture() {
    bus.on_outgoing = [this](const Message& m) {
      published.push_back(m.topic + "=" + m.payload);
      out.push_back(m);
    };
  }
  ~ServiceFixture() { bus.on_outgoing = nullptr; }  // Wills come after `out`.
  double wall() { return std::chrono::duration<double>(clock.wall().time_since_epoch()).count(); }
  json envelope(const std::string& type, json payload, json metadata = {}) {
    json result = {{"metadata",
                    {{"timestamp", wall()},
                     {"message_id", "id" + std::to_string(++ids_)},
                     {"sender", "outside"},
                     {"message_type", type},
                     {"priority", 1}}},
                   {"payload", std::move(payload)}};
    result["metadata"].update(metadata.is_null() ? json::object() : metadata);
    return result;
  }
  void status(const std::string& id, const std::string& state, double age = 0,
              bool retained = false) {
    incoming("lawnberry/system/services/" + id + "/status",
             envelope("status",
                      {{"status", state},
                       {"details", {{"service_id", id}, {"service_type", id}, {"state", state}}}},
                      {{"timestamp", wall() - age}})
                 .dump(),
             retained);
  }
  void command(const std::string& name, json parameters = json::object(), json metadata = {}) {
    json all = {{"correlation_id", "c1"}};
    all.update(metadata.is_null() ? json::object() : metadata);
    incoming("lawnberry/commands/mower",
             envelope("command",
                      {{"target", "mower"}, {"command", name}, {"parameters", parameters}}, all)
                 .dump());
  }
  // The messages on a topic since the last call of `clear`.
  std::vector<Message> on(const std::string& topic) {
    std::vector<Message> found;
    for (const Message& m : out) {
      if (m.topic == topic) found.push_back(m);
    }
    return found;
  }
  json last(const std::string& topic) {
    const auto found = on(topic);
    INFO(topic);
    REQUIRE_FALSE(found.empty());
    return json::parse(found.back().payload);
  }
  json response() { return last("lawnberry/responses/outside")["payload"]; }
  std::string state() { return last(kStatus)["payload"]["status"]; }
  void clear() {
    out.clear();
    published.clear();
  }

 private:
  int ids_ = 0;
};

}  // namespace

TEST_CASE_METHOD(ServiceFixture, "service: announces itself, and again every 30 s") {
  load(kService +
       "service 'mower' { type = 'vehicle', version = '2.0', endpoints = { data = 'x' } }");
  const auto first = on(kStatus);
  REQUIRE(first.size() == 1);
  CHECK(first[0].retain);
  CHECK(first[0].qos == 1);
  json envelope = json::parse(first[0].payload);
  CHECK(envelope["metadata"]["message_type"] == "status");
  CHECK(envelope["metadata"]["sender"] == "mower");
  CHECK(envelope["payload"]["status"] == "healthy");
  const json details = envelope["payload"]["details"];
  CHECK(details["service_id"] == "mower");
  CHECK(details["service_type"] == "vehicle");
  CHECK(details["version"] == "2.0");
  CHECK(details["state"] == "healthy");
  CHECK(details["dependencies"] == json::array());
  CHECK(details["endpoints"] == json({{"data", "x"}}));
  CHECK(details["start_time"].get<double>() == wall());
  clear();
  tick(29s);
  CHECK(on(kStatus).empty());
  tick(1s);
  REQUIRE(on(kStatus).size() == 1);
  CHECK(last(kStatus)["metadata"]["timestamp"].get<double>() == wall());
  CHECK(last(kStatus)["payload"]["uptime"] == 30);
  bus.connection_changed(true);
  CHECK(on(kStatus).size() == 2);
  for (int i = 0; i < 3; ++i) incoming("lawnberry/system/health_check", "x");
  tick(100ms);
  CHECK(on(kStatus).size() == 3);
  incoming("lawnberry/system/health_check", "x", true);
  tick(100ms);
  CHECK(on(kStatus).size() == 3);
}

TEST_CASE_METHOD(ServiceFixture, "service: namespace and times are the configuration's") {
  services.config["services"] = {{"namespace", "garden"}, {"heartbeat_interval", 2}};
  load(kService +
       "service 'mower' {}\nmqtt.publish('x', service.topic('garden/a') .. ' ' ..\n"
       "  service.topic('a'))");
  CHECK(on("garden/system/services/mower/status").size() == 1);
  CHECK(taken().back() == "x=garden/a garden/a");
  tick(4s);
  CHECK(on("garden/system/services/mower/status").size() == 3);
}

TEST_CASE_METHOD(ServiceFixture, "service: commands are answered to who sent them") {
  load(kService +
       "service 'mower' { commands = {\n"
       "  add = function(p, request) return { sum = p.a + p.b, for_ = request.sender } end,\n"
       "  none = function() end,\n"
       "  refuse = function() return nil, 'not today' end,\n"
       "  odd = function() return print end,\n"
       "} }");
  SECTION("with the result") {
    command("add", {{"a", 1}, {"b", 2}});
    const json answer = last("lawnberry/responses/outside");
    CHECK(answer["metadata"]["message_type"] == "response");
    CHECK(answer["metadata"]["correlation_id"] == "c1");
    CHECK(answer["payload"]["success"] == true);
    CHECK(answer["payload"]["result"] == json({{"sum", 3}, {"for_", "outside"}}));
    CHECK(answer["payload"]["error"] == nullptr);
    CHECK(answer["payload"]["execution_time"] == 0);
    CHECK(on("lawnberry/responses/outside")[0].qos == 2);
    CHECK_FALSE(on("lawnberry/responses/outside")[0].retain);
  }
  SECTION("without one") {
    command("none");
    CHECK(response()["success"] == true);
    CHECK(response()["result"] == nullptr);
  }
  SECTION("with a refusal") {
    command("refuse");
    CHECK(response()["success"] == false);
    CHECK(response()["error"] == "not today");
  }
  SECTION("with the error of a handler, which is no fault of the script") {
    for (int i = 0; i < 20; ++i) command("add");
    CHECK(response()["success"] == false);
    CHECK(response()["error"].get<std::string>().find("arithmetic on field 'a'") !=
          std::string::npos);
    CHECK(response()["error"].get<std::string>().find("traceback") == std::string::npos);
    CHECK(logs.has("mower: command 'add': "));
    CHECK(faults.empty());
  }
  SECTION("with an error for a command that is not known") {
    command("dance");
    CHECK(response()["success"] == false);
    CHECK(response()["error"] ==
          "unknown command 'dance'; known are add, none, odd, ping, refuse, shutdown, status");
  }
  SECTION("with an error for one that is no text at all") {
    bus.deliver({.topic = "lawnberry/commands/mower",
                 .payload = "\xff\xfe\n" + std::string(100'000, 'x'),
                 .response_topic = "lawnberry/responses/outside"});
    tick(1ms);
    CHECK(response()["error"] == "unknown command '???" + std::string(54, 'x') +
                                     "...'; known are add, none, odd, ping, refuse, shutdown, "
                                     "status");
    CHECK_FALSE(logs.has("cannot be sent"));
  }
  SECTION("with an error for one that is meant for another") {
    incoming("lawnberry/commands/mower",
             envelope("command", {{"target", "blade"}, {"command", "ping"}}).dump());
    CHECK(response()["error"] == "this is 'mower', not 'blade'");
  }
  SECTION("with an error for a result that cannot be sent") {
    command("odd");
    CHECK(response()["success"] == false);
    CHECK(response()["error"] == "the result cannot be written as JSON");
  }
  SECTION("with its message id where it has no correlation id") {
    command("none", json::object(), {{"correlation_id", nullptr}, {"message_id", "m7"}});
    CHECK(last("lawnberry/responses/outside")["metadata"]["correlation_id"] == "m7");
  }
}

TEST_CASE_METHOD(ServiceFixture, "service: some commands are not answered, or not obeyed") {
  load(kService +
       "service 'mower' { commands = { go = function() mqtt.publish('moving', 1) end } }");
  clear();
  SECTION("old ones that the broker has kept") {
    incoming("lawnberry/commands/mower",
             envelope("command", {{"target", "mower"}, {"command", "go"}}).dump(), true);
    CHECK(out.empty());
    CHECK(logs.has("a command that the broker has kept is not obeyed"));
  }
  SECTION("expired ones") {
    command("go", json::object(), {{"expires_at", wall() - 1}});
    CHECK(out.empty());
  }
  SECTION("those that want no answer") {
    incoming("lawnberry/commands/mower",
             envelope("command", {{"target", "mower"}, {"command", "go"}, {"require_ack", false}})
                 .dump());
    CHECK(taken() == Lines{"moving=1"});
  }
  SECTION("one that comes again is answered again, and done once") {
    for (int i = 0; i < 2; ++i) command("go", json::object(), {{"message_id", "m1"}});
    CHECK(on("moving").size() == 1);
    CHECK(on("lawnberry/responses/outside").size() == 2);
  }
  SECTION("those of a sender whose name is no topic") {
    command("go", json::object(), {{"sender", "a/#"}});
    CHECK(taken() == Lines{"moving=1"});
  }
  SECTION("a message that is no command") {
    incoming("lawnberry/commands/mower", envelope("status", {{"status", "healthy"}}).dump());
    incoming("lawnberry/commands/mower", "[1]");
    incoming("lawnberry/commands/mower", "");
    CHECK(out.empty());
  }
  CHECK(faults.empty());
}

TEST_CASE_METHOD(ServiceFixture, "service: commands as flat JSON and text; MQTT 5 requests") {
  load(
      kService +
      "service 'mower' { commands = { go = function(p) mqtt.publish('moving', p.to or '') end } }");
  clear();
  incoming("lawnberry/commands/mower", R"({"command":"go","parameters":{"to":"base"}})");
  incoming("lawnberry/commands/mower", "go");
  CHECK(taken() == Lines{"moving=base", "moving="});
  bus.deliver({.topic = "lawnberry/commands/mower",
               .payload = R"({"command":"ping"})",
               .response_topic = "me/replies",
               .correlation_data = "7"});
  REQUIRE(on("me/replies").size() == 1);
  CHECK(on("me/replies")[0].correlation_data == "7");
  CHECK(last("me/replies")["payload"]["result"]["pong"] == true);
}

TEST_CASE_METHOD(ServiceFixture, "service: a handler may wait") {
  load("local task = require 'engine.task'\n" + kService +
       "service 'mower' { commands = { slow = function() task.wait(3) return { done = true } end } "
       "}");
  command("slow");
  CHECK(on("lawnberry/responses/outside").empty());
  tick(3s);
  CHECK(response()["result"] == json({{"done", true}}));
  CHECK(response()["execution_time"] == 3);
}

TEST_CASE_METHOD(ServiceFixture, "service: ping, status and shutdown are built in") {
  load(kService + "service 'mower' { on_shutdown = function() mqtt.publish('blade', 'OFF') end }");
  tick(5s);
  command("ping");
  CHECK(response()["result"] ==
        json({{"pong", true}, {"timestamp", wall()}, {"service_id", "mower"}, {"uptime", 5}}));
  command("dance");
  command("status");
  const json result = response()["result"];
  CHECK(result["service_id"] == "mower");
  CHECK(result["state"] == "healthy");
  CHECK(result["metrics"]["messages_received"] == 3);
  CHECK(result["metrics"]["commands_processed"] == 1);
  CHECK(result["metrics"]["errors"] == 1);
  CHECK(result["metrics"]["last_error"].get<std::string>().starts_with("unknown command 'dance'"));
  CHECK(result["mqtt_stats"]["connected"] == false);
  clear();
  command("shutdown");
  CHECK(response()["result"] == json({{"shutting_down", true}}));
  tick(1ms);
  const auto states = on(kStatus);
  REQUIRE(states.size() == 2);
  CHECK(json::parse(states[0].payload)["payload"]["status"] == "shutting_down");
  CHECK(json::parse(states[1].payload)["payload"]["status"] == "offline");
  CHECK(on("blade").size() == 1);
  clear();
  command("ping");
  tick(5min);
  CHECK(out.empty());
  CHECK(timers.size() == 0);
}

TEST_CASE_METHOD(ServiceFixture, "service: says that it is offline when its script ends") {
  load(kService + "service 'mower' {}");
  tick(45s);
  SECTION("removed") {
    clear();
    host.remove((folder / "test.lua").string());
    REQUIRE(on(kStatus).size() == 1);
    CHECK(on(kStatus)[0].retain);
    CHECK(state() == "offline");
  }
  SECTION("saved: it goes on") {
    clear();
    save(kService + "service 'mower' { version = '2' }");
    REQUIRE(on(kStatus).size() == 1);
    CHECK(state() == "healthy");
  }
  SECTION("saved without it") {
    clear();
    save("");
    CHECK(state() == "offline");
  }
}

TEST_CASE_METHOD(ServiceFixture, "service: waits for what it depends on") {
  load(kService +
       "service 'mower' { dependencies = { 'hardware', 'gps' },\n"
       "  on_ready = function(_, missing) mqtt.publish('ready', table.concat(missing, ' ')) end }");
  CHECK(on("lawnberry/system/health_check").size() == 1);
  SECTION("which comes at once, as after a save: it was never in doubt") {
    status("hardware", "healthy");
    status("gps", "healthy");
    tick(2s);
    REQUIRE_FALSE(on(kStatus).empty());
    for (const Message& m : on(kStatus)) {
      CHECK(json::parse(m.payload)["payload"]["status"] == "healthy");
    }
    return;
  }
  tick(1s);
  CHECK(state() == "starting");
  SECTION("which comes") {
    status("hardware", "healthy", 0, true);
    CHECK(on("ready").empty());
    status("gps", "starting");
    CHECK(state() == "healthy");
    REQUIRE(on("ready").size() == 1);
    CHECK(on("ready")[0].payload.empty());
    // It goes, and comes back.
    status("gps", "error");
    CHECK(state() == "degraded");
    status("gps", "healthy");
    CHECK(state() == "healthy");
    tick(91s);
    CHECK(state() == "degraded");
    CHECK(on("ready").size() == 1);
  }
  SECTION("which does not come in 60 s") {
    status("hardware", "healthy");
    tick(58s);
    CHECK(state() == "starting");
    tick(1s);
    CHECK(state() == "degraded");
    REQUIRE(on("ready").size() == 1);
    CHECK(on("ready")[0].payload == "gps");
    CHECK(logs.has("service 'mower' has to do without gps"));
    status("hardware", "healthy");
    status("gps", "healthy");
    CHECK(state() == "healthy");
  }
  SECTION("whose retained word is too old to count") {
    status("hardware", "healthy", 91, true);
    status("gps", "healthy", 89, true);
    CHECK(state() == "starting");
  }
}

TEST_CASE_METHOD(ServiceFixture,
                 "service.discover: by type, without those that cannot be relied on") {
  load(
      kService +
      "service.discover()\n"
      "mqtt.subscribe('who', function(msg)\n"
      "  local ids = {}\n"
      "  for _, s in ipairs(service.discover(msg.payload ~= '' and msg.payload or nil)) do\n"
      "    ids[#ids + 1] = s.id\n  end\n"
      "  mqtt.publish('ids', table.concat(ids, ' '))\nend)\n"
      "service.on_change(function(s, former) log.info('%s: %s -> %s', s.id, former, s.state) end)");
  const auto who = [&](const std::string& type = "") {
    taken();
    incoming("who", type);
    return taken().at(0);
  };
  status("b", "healthy");
  status("a", "degraded", 60, true);
  status("c", "error");
  status("d", "offline");
  status("e", "healthy", 100, true);
  CHECK(who() == "ids=a b");
  CHECK(who("b") == "ids=b");
  CHECK(who("x") == "ids=");
  status("b", "offline", 10);   // Overtaken by a newer word.
  status("b", "error", -1000);  // From a clock that is ahead.
  CHECK(who() == "ids=a");
  status("b", "healthy");
  CHECK(who() == "ids=a b");
  tick(31s);
  CHECK(who() == "ids=b");
  CHECK(logs.has("a: degraded -> offline"));
  incoming("lawnberry/system/services/b/status", "");
  CHECK(who() == "ids=");
  CHECK(faults.empty());
}

TEST_CASE_METHOD(ServiceFixture, "service.monitor: changes, and once that a service is gone") {
  load(kService + "service.monitor()");
  const std::string kGone = "lawnberry/system/events/service_offline";
  const std::string kChange = "lawnberry/system/events/service_state_change";
  status("gps", "starting");
  status("gps", "healthy");
  REQUIRE(on(kChange).size() == 1);
  CHECK(last(kChange)["payload"]["event_data"] ==
        json({{"service_id", "gps"}, {"old_state", "starting"}, {"new_state", "healthy"}}));
  const double seen = wall();
  tick(90s);
  CHECK(on(kGone).empty());
  tick(1s);
  REQUIRE(on(kGone).size() == 1);
  CHECK(last(kGone)["payload"]["event_data"] == json({{"service_id", "gps"}, {"last_seen", seen}}));
  tick(10min);
  save(kService + "service.monitor()  -- once more");
  status("gps", "healthy", wall() - seen, true);
  CHECK(on(kGone).size() == 1);
  CHECK(last("lawnberry/system/health")["payload"]["status"] == "degraded");
  status("gps", "healthy");
  tick(91s);
  CHECK(on(kGone).size() == 2);
}

TEST_CASE_METHOD(ServiceFixture, "service:call: waits for the answer") {
  load("local task = require 'engine.task'\n" + kService +
       "local mower = service 'mower' {}\n"
       "mqtt.subscribe('call', function() task.start(function()\n"
       "  local result, err = mower:call('blade', 'turn', { speed = 3 })\n"
       "  mqtt.publish('x', result or err)\nend) end)\n"
       "mqtt.subscribe('count', function() mqtt.publish('counts', service.calls()) end)");
  incoming("call");
  const json sent = last("lawnberry/commands/blade");
  CHECK(on("lawnberry/commands/blade")[0].qos == 2);
  CHECK(sent["payload"]["target"] == "blade");
  CHECK(sent["payload"]["parameters"] == json({{"speed", 3}}));
  CHECK(sent["metadata"]["sender"] == "mower");
  CHECK(sent["metadata"]["expires_at"].get<double>() == wall() + 30);
  const auto answer = [&](json payload, json id) {
    incoming("lawnberry/responses/mower",
             envelope("response", std::move(payload), {{"correlation_id", std::move(id)}}).dump());
  };
  const json id = sent["metadata"]["correlation_id"];
  clear();
  answer({{"success", true}, {"result", 9}}, "another");
  CHECK(taken().empty());
  SECTION("a result") {
    answer({{"success", true}, {"result", {{"speed", 3}}}}, id);
    CHECK(taken() == Lines{R"(x={"speed":3})"});
  }
  SECTION("none") {
    answer({{"success", true}, {"result", nullptr}}, id);
    CHECK(taken() == Lines{"x=true"});
  }
  SECTION("a failure") {
    answer({{"success", false}, {"error", "it is stuck"}}, id);
    CHECK(taken() == Lines{"x=it is stuck"});
  }
  SECTION("too late") {
    tick(30s);
    CHECK(on("x").size() == 1);
    CHECK(on("x")[0].payload == "no answer from 'blade' within 30 s");
    clear();
    answer({{"success", true}}, id);
    CHECK(taken().empty());
    incoming("count");
    CHECK(taken() == Lines{R"(counts={"answered":0,"late":2,"timed_out":1,"waiting":0})"});
  }
  CHECK(faults.empty());
}

TEST_CASE_METHOD(ServiceFixture,
                 "service: readings, events and alerts go where the document has them") {
  load(kService +
       "local mower = service 'mower' {}\n"
       "mower:publish_reading('gps', { x = 1 }, { units = { x = 'm' } })\n"
       "mower:emit_event('mowing_started', { area = 2 })\n"
       "mower:emit_alert('stuck', 'the wheel turns and nothing moves', 'error', { wheel = 2 })\n"
       "mower:clear_alert('stuck')");
  const auto only = [&](const std::string& topic) {
    REQUIRE(on(topic).size() == 1);
    return on(topic)[0];
  };
  CHECK(only("lawnberry/sensors/gps/data").qos == 1);
  CHECK_FALSE(only("lawnberry/sensors/gps/data").retain);
  CHECK(last("lawnberry/sensors/gps/data")["payload"]["units"] == json({{"x", "m"}}));
  CHECK(only("lawnberry/system/events/mowing_started").qos == 1);
  const auto alerts = on("lawnberry/safety/alerts/stuck");
  REQUIRE(alerts.size() == 2);
  CHECK(alerts[0].qos == 2);
  CHECK(alerts[0].retain);
  CHECK(json::parse(alerts[0].payload)["payload"]["context"] == json({{"wheel", 2}}));
  CHECK(alerts[1].payload.empty());
  CHECK(alerts[1].retain);
}

TEST_CASE("service: misuse is an error at the author's line") {
  const std::pair<const char*, const char*> rows[] = {
      {"service()", "service: a name expected, got nil"},
      {"service 'a/b' {}", "a name without / + and # expected, got 'a/b'"},
      {"service 'a' ()", "service 'a': a table of options expected, got nil"},
      {"service 'a' { typ = 'x' }", "unknown option 'typ', did you mean 'type'?"},
      {"service 'a' { type = 1 }", "type: string expected, got number"},
      {"service 'a' { commands = { print } }", "commands: names and functions expected"},
      {"service 'a' { commands = { go = 1 } }", "commands: names and functions expected"},
      {"service 'a' { dependencies = { 1 } }", "dependencies: entry 1: a name without"},
      {"service 'a' { heartbeat_interval = 0 }", "heartbeat_interval: at least 0.1 s expected"},
      {"service 'a' { on_ready = 1 }", "on_ready: function expected, got number"},
      {"service 'a' {} service 'a' {}", "it is declared twice in this script"},
      {"service 'a' {}:set_state 'fine'", "service:set_state: starting, healthy, degraded"},
      {"service 'a' {}:call('b', 'c')", "service:call: it waits for the answer: do it in a story"},
      {"service 'a' {}:call('b/#', 'c')", "service:call: target: a name without"},
      {"service 'a' {}:call('b', 1)", "service:call: command: a name expected"},
      {"service 'a' {}:emit_event('a/b')", "service:emit_event: event_type: a name without"},
      {"service 'a' {}:emit_alert('x')", "service:emit_alert: message.alert: message is missing"},
      {"service 'a' {}:publish('x', 1)", "message.publish: an envelope expected"},
      {"service 'a' {}:publish_reading('gps')", "message.sensor_data: data is missing"},
      {"service.topic(1)", "service.topic: string expected, got number"},
      {"service.discover(1)", "service.discover: a type, or nothing, expected"},
      {"service.find()", "service.find: the id of a service expected, got nil"},
      {"service.on_change(1)", "service.on_change: function expected, got number"},
      {"service.monitor('a/b')", "service.monitor: sender: a name without"},
  };
  for (const auto& [call, expected] : rows) {
    ScriptFixture show;
    INFO(call);
    const std::string error = show.load_error(kService + call);
    INFO(error);
    CHECK(error.find("test.lua:2: ") != std::string::npos);
    CHECK(error.find(expected) != std::string::npos);
  }
}
