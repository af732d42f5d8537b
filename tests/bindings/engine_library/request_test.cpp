#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

struct RequestFixture : ScriptFixture {
  std::vector<Message> out;
  RequestFixture() {
    bus.on_outgoing = [this](const Message& m) {
      published.push_back(m.topic + "=" + m.payload);
      out.push_back(m);
    };
  }
  ~RequestFixture() { bus.on_outgoing = nullptr; }  // Wills come after `out`.
  // Asks on lamps/1 with these options, and publishes on x what came of it.
  void ask(const std::string& options = "{}") {
    load(
        "local task = require 'engine.task'\n"
        "mqtt.subscribe('go', function() task.start(function()\n"
        "  local reply, err = mqtt.request('lamps/1', '?', " +
        options +
        ")\n"
        "  mqtt.publish('x', reply and reply.payload or err)\n"
        "end) end)\n"
        "mqtt.subscribe('count', function() mqtt.publish('counts', mqtt.requests()) end)");
    incoming("go");
    tick(0s);
    REQUIRE(out.size() == 1);
  }
  Message request() { return out.at(0); }
  void reply(const Message& to, const std::string& payload) {
    bus.deliver(
        {.topic = to.response_topic, .payload = payload, .correlation_data = to.correlation_data});
  }
  std::string counts() {
    taken();
    incoming("count");
    return taken().at(0);
  }
};

}  // namespace

TEST_CASE_METHOD(RequestFixture, "mqtt.request: waits for the answer that belongs to it") {
  ask("{ qos = 1 }");
  const Message sent = request();
  CHECK(sent.topic == "lamps/1");
  CHECK(sent.qos == 1);
  CHECK_FALSE(sent.retain);
  CHECK(sent.response_topic.starts_with("engine/test/replies/test/"));
  REQUIRE_FALSE(sent.correlation_data.empty());
  taken();
  bus.deliver({.topic = sent.response_topic, .payload = "of another", .correlation_data = "?"});
  bus.deliver({.topic = sent.response_topic,
               .payload = "old",
               .retain = true,
               .correlation_data = sent.correlation_data});
  CHECK(taken().empty());
  reply(sent, "ON");
  CHECK(taken() == Lines{"x=ON"});
  tick(1min);
  CHECK(taken().empty());
  CHECK(timers.size() == 0);
}

TEST_CASE_METHOD(RequestFixture, "mqtt.request: a late answer is dropped and counted") {
  std::string expected;
  SECTION("after 30 s") {
    ask();
    taken();
    tick(29999ms);
    CHECK(taken().empty());
    tick(1ms);
    CHECK(taken() == Lines{"x=no answer within 30 s"});
  }
  SECTION("after the time that the script allows") {
    ask("{ timeout = 2 }");
    taken();
    tick(2s);
    CHECK(taken() == Lines{"x=no answer within 2 s"});
  }
  reply(request(), "ON");
  CHECK(counts() == R"(counts={"answered":0,"late":1,"sent":1,"timed_out":1,"waiting":0})");
}

TEST_CASE_METHOD(RequestFixture, "mqtt.request: each has an answer of its own, in any order") {
  ask();
  incoming("go");
  tick(0s);
  REQUIRE(out.size() == 2);
  CHECK(out[0].response_topic == out[1].response_topic);
  CHECK(out[0].correlation_data != out[1].correlation_data);
  taken();
  const std::vector<Message> sent = out;
  reply(sent[1], "second");
  reply(sent[0], "first");
  reply(sent[0], "again");
  CHECK(taken() == Lines{"x=second", "x=first"});
}

TEST_CASE_METHOD(RequestFixture, "mqtt.request: in a handler that is no task it says what to do") {
  load("mqtt.subscribe('go', function()\nmqtt.request('lamps/1', '?')\nend)");
  incoming("go");
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].message.find("test.lua:2: mqtt.request waits for the answer: call it in a story, "
                               "or in a function that task.start runs") != std::string::npos);
  CHECK(out.empty());
}

TEST_CASE("mqtt.request: needs MQTT 5, and says so") {
  ScriptFixture show;
  show.services.config["mqtt"] = {{"version", "3.1.1"}};
  show.load(
      "require('engine.task').start(function()\n"
      "  mqtt.publish('x', select(2, mqtt.request('lamps/1', '?')))\nend)");
  show.tick(0s);
  CHECK(show.taken() ==
        std::vector<std::string>{"x=requests need MQTT 5, but mqtt.version of the configuration is "
                                 "3.1.1"});
}

TEST_CASE_METHOD(RequestFixture, "s:request: a story goes on with the answer") {
  load(
      "local scene = require 'engine.scene'\n"
      "scene('riddle', function(s)\n"
      "  local reply, err = s:request('lamps/1', '?', { timeout = 5 })\n"
      "  s:send('x', reply and reply.payload or err, { confirm = false })\nend)");
  SceneControl& control = *stage.control(*stage.find("riddle"));
  REQUIRE(control.go());
  tick(0s);
  taken();
  REQUIRE(out.size() == 1);
  CHECK(control.status().next == "lamps/1 to answer");
  SECTION("answered") {
    reply(request(), "ON");
    CHECK(taken() == Lines{"x=ON"});
  }
  SECTION("answered during a pause: when that is over") {
    REQUIRE(control.pause());
    reply(request(), "ON");
    CHECK(taken().empty());
    REQUIRE(control.resume());
    CHECK(taken() == Lines{"x=ON"});
  }
  SECTION("not answered") {
    tick(5s);
    CHECK(taken() == Lines{"x=no answer within 5 s"});
  }
  SECTION("stopped: nothing comes of it") {
    REQUIRE(control.stop(true));
    reply(request(), "ON");
    tick(10s);
    CHECK(taken().empty());
  }
  tick(1s);
  CHECK(timers.size() == 0);
}

TEST_CASE_METHOD(RequestFixture, "mqtt.respond: answers to the response topic, now or later") {
  load(
      "local task = require 'engine.task'\n"
      "mqtt.respond('lamps/+', function(msg, lamp)\n"
      "  if msg.payload == 'wait' then task.wait(2) end\n"
      "  if msg.payload ~= 'nothing' then return { lamp = lamp, on = true } end\nend)");
  const auto ask_for = [&](const std::string& payload, bool retained = false) {
    bus.deliver({.topic = "lamps/1",
                 .payload = payload,
                 .qos = 1,
                 .retain = retained,
                 .response_topic = "me/replies",
                 .correlation_data = std::string("a\0b", 3)});
  };
  ask_for("?");
  REQUIRE(out.size() == 1);
  CHECK(taken() == Lines{R"(me/replies={"lamp":"1","on":true})"});
  CHECK(out[0].correlation_data == std::string("a\0b", 3));
  CHECK(out[0].qos == 1);
  ask_for("nothing");
  ask_for("?", true);
  incoming("lamps/1", "?");
  CHECK(taken().empty());
  ask_for("wait");
  CHECK(taken().empty());
  tick(2s);
  CHECK(taken().size() == 1);
}

TEST_CASE_METHOD(RequestFixture, "mqtt.request and mqtt.respond understand each other") {
  load(
      "local task = require 'engine.task'\n"
      "mqtt.respond('lamps/+', function(msg, lamp) return lamp .. msg.payload end)\n"
      "task.start(function() mqtt.publish('x', mqtt.request('lamps/7', '?').payload) end)");
  tick(1ms);
  CHECK(published.back() == "x=7?");
}
