// Scripts that do not return. The tests run in real time; the time they allow is generous, what it
// takes is for the benchmark to say.
#include <fmt/format.h>

#include <chrono>

#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds kBudget{200};

struct RunawayFixture : ScriptFixture {
  RunawayFixture() : ScriptFixture({.budget = kBudget}) {
    REQUIRE(host.add(write("other.lua",
                           "mqtt.subscribe('ping', function() mqtt.publish('pong', '') end)\n"
                           "timer.every(1, function() mqtt.publish('tick', '') end)\n")));
  }
  // Whoever else is there is served as before.
  void check_others() {
    taken();
    incoming("ping");
    tick(1s);
    CHECK(taken() == Lines{"pong=", "tick="});
  }
};

// What does not end, in every way that DESIGN (section 4) and the issue know of.
const char* const kRunaways[] = {
    "while true do end",
    "local n = 0; for i = 1, 1e15 do n = n + i % 7 end",
    "local function again(n) return again(n + 1) end; again(0)",
    "while true do pcall(function() while true do end end) end",
    "while true do pcall(string.rep, 'x', 1e6) end",
    "while true do local t = {}; for i = 1, 1e5 do t[i] = {} end end",
    "while true do pcall(function() local t = {}; while true do t[#t + 1] = {} end end) end",
    "local s = ('a'):rep(100000); s:find(('a?'):rep(30) .. ('.-'):rep(20) .. 'b')",
    "local t = {}; for i = 1, 2e4 do t[i] = i end; while true do json.encode(t) end",
    "local t = {}; for i = 1, 2e4 do t[i] = i end; while true do pcall(json.encode, t) end",
    "log.info(setmetatable({}, { __tostring = function() while true do end end }))",
    "while true do os.date() end",
};

struct Place {
  const char* name;
  const char* code;
  const char* callback;
  const char* topic;
};

const Place kPlaces[] = {
    {"a handler", "mqtt.subscribe('go', function() RUNAWAY end)", "mqtt.subscribe go", "go"},
    {"a timer", "mqtt.subscribe('go', function() timer.after(0, function() RUNAWAY end) end)",
     "timer.after", ""},
    {"a cue's function",
     "require 'engine.scene' 'ghost' { trigger = { 'go' }, cues = {\n"
     "  { 0, 'a', '1', confirm = false }, { 0.5, function() RUNAWAY end } },\n"
     "  on_stop = { { 'a', 'off', confirm = false } } }",
     "timer.after", ""},
    {"a story",
     "require 'engine.scene' ('ghost', { trigger = { 'go' },\n"
     "  story = function(s) s:send('a', '1', { confirm = false }); s:wait(0.5); RUNAWAY end,\n"
     "  on_stop = { { 'a', 'off', confirm = false } } })",
     "timer.after", ""},
    {"a coroutine", "mqtt.subscribe('go', coroutine.wrap(function() RUNAWAY end))",
     "mqtt.subscribe go", "go"},
};

std::string code_of(const Place& place, const std::string& runaway) {
  std::string code = place.code;
  code.replace(code.find("RUNAWAY"), 7, runaway);
  return code;
}

// One that takes all memory may end by that.
bool is_stop(const std::string& message) {
  return message.find("stopped: it ran for longer than 200 ms") != std::string::npos ||
         message.find("not enough memory") != std::string::npos;
}

bool is_scene(const Place& place) {
  return std::string_view(place.code).find("engine.scene") != std::string_view::npos;
}

}  // namespace

TEST_CASE_METHOD(RunawayFixture, "runaway: stopped wherever it is, and nobody else is hurt",
                 "[runaway]") {
  for (const Place& place : kPlaces) {
    for (const char* runaway : kRunaways) {
      INFO(place.name << ": " << runaway);
      faults.clear();
      taken();
      REQUIRE(host.add(write("test.lua", code_of(place, runaway))));
      const auto began = std::chrono::steady_clock::now();
      incoming("go");
      tick(700ms);
      const auto took = std::chrono::steady_clock::now() - began;
      CHECK(took < kBudget * 4 + 2s);
      REQUIRE_FALSE(faults.empty());
      INFO(faults[0].message);
      CHECK(faults[0].script == (folder / "test.lua").string());
      if (!is_scene(place)) {
        CHECK(faults[0].callback == place.callback);
        CHECK(faults[0].topic == place.topic);
      }
      CHECK(is_stop(faults[0].message));
      tick(0s);
      if (is_scene(place)) CHECK(std::count(published.begin(), published.end(), "a=off") == 1);
      check_others();
      REQUIRE(host.remove((folder / "test.lua").string()));
    }
  }
}

TEST_CASE_METHOD(RunawayFixture, "runaway: a main chunk that does not end is not loaded",
                 "[runaway]") {
  for (const char* runaway : kRunaways) {
    INFO(runaway);
    const std::string error = load_error(std::string("mqtt.subscribe('x', print)\n") + runaway);
    CHECK(is_stop(error));
    CHECK(error.find("test.lua") != std::string::npos);
    check_others();
    CHECK(subscriptions() == 1);
  }
}

TEST_CASE_METHOD(RunawayFixture, "runaway: a save that does not end leaves the old version running",
                 "[runaway]") {
  load("mqtt.subscribe('a', function() mqtt.publish('b', 'old') end)");
  save("while true do end");
  tick(200ms);
  CHECK(logs.has("stopped: it ran for longer than 200 ms"));
  taken();
  incoming("a");
  CHECK(taken() == Lines{"b=old"});
}

TEST_CASE_METHOD(RunawayFixture, "runaway: it starts again with its state, and is caught by line",
                 "[runaway]") {
  load(
      "state.n = (state.n or 0) + 1\n"
      "mqtt.subscribe('n', function() mqtt.publish('n is', state.n) end)\n"
      "mqtt.subscribe('go', function()\n"
      "  local n = 0\n"
      "  while true do n = n + 1 end\n"
      "end)\n");
  incoming("go");
  tick(0s);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].message.find("in compiled code") != std::string::npos);
  CHECK(logs.has("test.lua was started again; without the JIT, until it is edited"));
  incoming("n");
  CHECK(taken() == Lines{"n is=2"});
  incoming("go");
  REQUIRE(faults.size() == 2);
  CHECK(faults[1].message.find("test.lua:5: stopped") != std::string::npos);
  CHECK(faults[1].traceback.find("test.lua:5") != std::string::npos);
  incoming("n");  // The VM is as good as new.
  CHECK(taken() == Lines{"n is=2"});
}

TEST_CASE_METHOD(RunawayFixture, "runaway: a script that steers its own scene is left whole",
                 "[runaway]") {
  // The stage calls the script while a function of the script's calls the stage.
  load(
      "stage.add { name = 'own', control = { go = function() while true do end end } }\n"
      "mqtt.subscribe('go', function() stage.go('own') mqtt.publish('never', '') end)\n");
  incoming("go");
  tick(0s);
  CHECK(faults.size() >= 1);
  CHECK(published.empty());
  CHECK(logs.has("started again"));
  check_others();
}

TEST_CASE_METHOD(RunawayFixture, "runaway: who calls a stuck scene of another script goes on",
                 "[runaway]") {
  load("stage.add { name = 'stuck', control = { go = function() while true do end end } }");
  REQUIRE(host.add(write("caller.lua",
                         "mqtt.subscribe('go', function()\n"
                         "  stage.go('stuck')\n"
                         "  mqtt.publish('on', 'we go')\n"
                         "end)\n")));
  incoming("go");
  CHECK(taken() == Lines{"on=we go"});
  tick(0s);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].script == (folder / "test.lua").string());
}

TEST_CASE_METHOD(RunawayFixture, "runaway: a long callback within the budget is left alone",
                 "[runaway]") {
  load(
      "mqtt.subscribe('go', function()\n"
      "  local till = os.clock() + 0.02\n"
      "  while os.clock() < till do end\n"
      "  mqtt.publish('done', '')\n"
      "end)\n");
  for (int i = 0; i < 20; ++i) incoming("go");
  CHECK(published.size() == 20);
  CHECK(faults.empty());
}

TEST_CASE_METHOD(RunawayFixture, "runaway: the memory of a VM that was given up comes back",
                 "[runaway]") {
  lua::Vm vm(32 * 1024 * 1024);
  Watchdog watchdog{10ms};
  // The leak check of the sanitizers sees whether anything of it stays.
  const auto call = [&](const char* code) {
    lua_pushcfunction(vm.state(), [](lua_State* L) {
      lua::call(L, 0, 0);
      return 0;
    });
    luaL_loadstring(vm.state(), code);
    return watchdog.call(vm, 1, 0, 0).status;
  };
  luaL_openlibs(vm.state());
  REQUIRE(call("grown = {} for i = 1, 1e4 do grown[i] = {} end") == 0);
  CHECK(call("while true do end") == lua::Vm::kAbandoned);
  CHECK(vm.abandoned());
}
