#include "core/web/api.h"

#include "core/web/target.h"
#include "tests/core/stage/stage_fixture.h"

using namespace engine;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

struct FakeScripts final : web::ScriptControl {
  json list() override { return json::array({{{"name", "room1"}}}); }
  web::Outcome reload(const std::string& name) override {
    if (name != "room1") return web::refuse(404, "there is no script");
    return json{{"script", name}};
  }
  web::Outcome resume(const std::string& name) override { return json{{"resumed", name}}; }
  json faults() override { return json::array(); }
  web::Outcome eval(const std::string& script, const std::string& code) override {
    return json{{"result", script + ": " + code}};
  }
};

struct Fixture : test::StageFixture {
  Tracer tracer{stage, clock};
  std::shared_ptr<web::LogRing> ring = std::make_shared<web::LogRing>();
  FakeScripts scripts;
  LinkStats link_stats;
  TopicPolicies topics{clock, logs};
  web::Api api{{stage, devices, feedback, bus, topics, tracer, *ring, scripts, timers, "museum",
                "1.2.3", [this] { return link_stats; }}};
  SceneId ghost = add("ghost");

  web::Reply ask(const std::string& method, const std::string& target,
                 const std::string& body = {}) {
    web::Request request{.method = method, .body = body};
    REQUIRE(web::read_target(target, request));
    return api.handle(request);
  }
  // The answer, also of one in pieces; `status` is what it must have.
  json answer(int status, const std::string& method, const std::string& target,
              const std::string& body = {}) {
    web::Reply reply = ask(method, target, body);
    CHECK(reply.status == status);
    return json::parse(whole(reply));
  }
  static std::string whole(web::Reply& reply) {
    if (!reply.source) return reply.body;
    std::string text;
    while (reply.source->next(text) == web::Source::Next::piece) {
    }
    return text;
  }
  void answer_ok() { test::StageFixture::answer("room1/status", "OK"); }
  std::string taken() { return std::exchange(control(ghost).log, {}); }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "the scenes are listed with where they stand") {
  begin(ghost);
  const json scene = answer(200, "GET", "/api/scenes")["scenes"][0];
  CHECK(scene["name"] == "ghost");
  CHECK(scene["room"] == "room1");
  CHECK(scene["state"] == "idle");  // The fake scene's word.
  CHECK(scene["position"] == 1.5);
  CHECK(scene["counts"]["confirmed"] == 0);
}

TEST_CASE_METHOD(Fixture, "a scene is steered by its name") {
  for (const char* action : {"go", "stop", "pause", "resume"}) {
    answer(200, "POST", std::string("/api/scenes/ghost/") + action);
  }
  answer(200, "POST", "/api/scenes/ghost/jump?cue=the%20fog");
  answer(200, "POST", "/api/scenes/ghost/seek?seconds=2.5");
  CHECK(taken() == "go;stop;pause;resume;jump the fog;seek;");
}

TEST_CASE_METHOD(Fixture, "an unknown scene is a 404 that names the nearest") {
  const json error = answer(404, "POST", "/api/scenes/gohst/go");
  CHECK(error["error"] == "there is no scene 'gohst', did you mean 'ghost'?");
  CHECK(taken().empty());
}

TEST_CASE_METHOD(Fixture, "what a scene refuses is a 409 with its reason") {
  control(ghost).on_stop = [] { return fail("scene 'ghost' does not run"); };
  CHECK(answer(409, "POST", "/api/scenes/ghost/stop")["error"] == "scene 'ghost' does not run");
}

TEST_CASE_METHOD(Fixture, "a scene whose code cannot stop it is stopped all the same") {
  begin(ghost, {{.topic = "room1/steam", .payload = "OFF"}});
  control(ghost).on_stop = [] { return fail("the scene's own code failed in stop"); };
  answer(409, "POST", "/api/scenes/ghost/stop");
  REQUIRE(ended.size() == 1);
  CHECK(outgoing.back().topic == "room1/steam");
}

TEST_CASE_METHOD(Fixture, "jump and seek need to know where to") {
  answer(400, "POST", "/api/scenes/ghost/jump");
  answer(400, "POST", "/api/scenes/ghost/seek");
  for (const char* value : {"x", "-1", "nan", "inf", "1e99", "1s"}) {
    answer(400, "POST", std::string("/api/scenes/ghost/seek?seconds=") + value);
  }
  CHECK(taken().empty());
}

TEST_CASE_METHOD(Fixture, "stop_all names what it has stopped") {
  begin(ghost);
  CHECK(answer(200, "POST", "/api/stop_all")["stopped"] == json::array({"ghost"}));
  CHECK(taken() == "stop;");
}

TEST_CASE_METHOD(Fixture, "a path that does not exist is a 404, a wrong method a 405") {
  answer(404, "GET", "/");
  answer(404, "GET", "/api/nothing");
  answer(404, "GET", "/api/scenes/ghost/go/on");
  answer(404, "POST", "/api/scenes//go");
  CHECK(ask("GET", "/api/scenes/ghost/go").allow == "POST");
  answer(405, "GET", "/api/stop_all");
  CHECK(ask("DELETE", "/api/scenes").allow == "GET");
  CHECK(taken().empty());
}

TEST_CASE_METHOD(Fixture, "scripts are listed, reloaded, resumed and evaluated") {
  CHECK(answer(200, "GET", "/api/scripts")["scripts"][0]["name"] == "room1");
  CHECK(answer(200, "POST", "/api/scripts/room1/reload")["script"] == "room1");
  answer(404, "POST", "/api/scripts/room2/reload");
  CHECK(answer(200, "POST", "/api/scripts/a%2Fb.lua/resume")["resumed"] == "a/b.lua");
  CHECK(answer(200, "POST", "/api/eval?script=room1", "1 + 1")["result"] == "room1: 1 + 1");
  answer(400, "POST", "/api/eval", "1 + 1");
}

TEST_CASE_METHOD(Fixture, "definitions of topics are listed with what they have counted") {
  topics.set({{.filter = "a", .rate = RateLimit{1, 60s}}, {.filter = "b"}}, 1000);
  Publication publication{.message = {.topic = "a", .payload = "x"}};
  for (int i = 0; i < 3; ++i) topics.admit(publication);
  const json listed = answer(200, "GET", "/api/topics")["topics"];
  REQUIRE(listed.size() == 2);
  CHECK(listed[0]["filter"] == "a");
  CHECK(listed[0]["published"] == 1);
  CHECK(listed[0]["rate_limited"] == 2);
  CHECK(listed[1]["published"] == 0);
}

TEST_CASE_METHOD(Fixture, "devices are listed with their presence") {
  devices.handle({.topic = "devices/esp32_01/status", .payload = "online"});
  const json device = answer(200, "GET", "/api/devices")["devices"][0];
  CHECK(device["id"] == "esp32_01");
  CHECK(device["presence"] == "online");
  CHECK(device["last_seen"] == "2023-11-14T22:13:20.000Z");
}

TEST_CASE_METHOD(Fixture, "the status tells what waits for the broker") {
  link_stats = {.sent = 7, .dropped = 3, .displaced = 2, .kept = 1};
  const json mqtt = answer(200, "GET", "/api/status")["mqtt"];
  CHECK(mqtt["sent"] == 7);
  CHECK(mqtt["kept"] == 1);
  CHECK(mqtt["dropped"] == 3);
  CHECK(mqtt["displaced"] == 2);
}

TEST_CASE_METHOD(Fixture, "the status counts the handles that are in use") {
  const json before = answer(200, "GET", "/api/status")["handles"];
  timers.after(5s, [] {});
  for (int i = 0; i < 2; ++i) bus.subscribe("room1/+", 0, [](const Message&) {});
  const json after = answer(200, "GET", "/api/status")["handles"];
  CHECK(after["timers"] == before["timers"].get<int>() + 1);
  CHECK(after["subscriptions"] == before["subscriptions"].get<int>() + 2);
  CHECK(after["filters"] == before["filters"].get<int>() + 1);
}

TEST_CASE_METHOD(Fixture, "the status tells what runs") {
  begin(ghost);
  tick(5s);
  const json status = answer(200, "GET", "/api/status");
  CHECK(status["site"] == "museum");
  CHECK(status["version"] == "1.2.3");
  CHECK(status["uptime"] == 5.0);
  CHECK(status["connected"] == true);
  CHECK(status["running"] == json::array({"ghost"}));
}

TEST_CASE_METHOD(Fixture, "a trace comes as a document, the last performances last") {
  for (int i = 0; i < 3; ++i) {
    const PerformanceId performance = begin(ghost);
    stage.send(performance, 1, 2.5, {.topic = "room1/light", .payload = "ON"}, 0.0123);
    if (i != 0) answer_ok();
    tick(2s);
    stage.end(performance, EndReason::finished);
  }
  const json trace = answer(200, "GET", "/api/trace/ghost?last=2");
  CHECK(trace["scene"] == "ghost");
  CHECK(trace["kept"] == json({{"performances", 3}, {"failed", 1}}));
  REQUIRE(trace["performances"].size() == 2);
  const json last = trace["performances"][1];
  CHECK(last["number"] == 3);
  CHECK(last["state"] == "finished");
  CHECK(last["good"] == true);
  CHECK(last["length"] == 2.0);
  CHECK(last["steps"][0] == json({{"kind", "cue"},
                                  {"at", 2.5},
                                  {"elapsed", 0.0},
                                  {"topic", "room1/light"},
                                  {"payload", "ON"},
                                  {"late", 0.012},
                                  {"how", "sent"},
                                  {"result", "confirmed"},
                                  {"answered_after", 0.0},
                                  {"answer", "OK"}}));
  const json failed = answer(200, "GET", "/api/trace/ghost?last=9&failed=1");
  REQUIRE(failed["performances"].size() == 1);
  CHECK(failed["performances"][0]["steps"][0]["result"] == "timeout");
}

TEST_CASE_METHOD(Fixture, "of a scene that has not been performed there is an empty trace") {
  CHECK(answer(200, "GET", "/api/trace/ghost")["performances"].empty());
  answer(404, "GET", "/api/trace/gost");
  answer(400, "GET", "/api/trace/ghost?last=x");
  CHECK(answer(200, "GET", "/api/trace")["traces"].empty());
}

TEST_CASE_METHOD(Fixture, "the traces that are kept are listed by scene") {
  begin(ghost);
  const json listed = answer(200, "GET", "/api/trace")["traces"][0];
  CHECK(listed["scene"] == "ghost");
  CHECK(listed["running"] == true);
}

TEST_CASE_METHOD(Fixture, "the log comes as lines, and goes on when it is followed") {
  Logs other{{ring}};
  other.get("scene").info("one");
  other.get("scene").info("two");
  web::Reply last = ask("GET", "/api/log?lines=1");
  CHECK(whole(last).ends_with("- two\n"));
  web::Reply followed = ask("GET", "/api/log?follow=1");
  CHECK(whole(followed).ends_with("- two\n"));
  other.get("scene").info("three");
  CHECK(whole(followed).ends_with("- three\n"));
  std::string nothing;
  CHECK(followed.source->next(nothing) == web::Source::Next::later);
}
