#include "bindings/host/script_host.h"

#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(ScriptFixture, "a script that fails while it loads leaves nothing behind") {
  const std::string error = load_error(
      "mqtt.subscribe('a', function() end)\n"
      "timer.every(1, function() end)\n"
      "mqtt.publish('b', 'x')\n"
      "error('no')\n");
  CHECK(error.find("test.lua:4: no") != std::string::npos);
  CHECK(subscriptions() == 0);
  CHECK(timers.size() == 0);
  CHECK(published.empty());
}

TEST_CASE_METHOD(ScriptFixture, "what a main chunk publishes goes out when all of it has run") {
  load(
      "mqtt.subscribe('a', function(msg) mqtt.publish('b', msg.payload) end)\n"
      "assert(mqtt.publish('a', 'x') == 'queued')\n");
  tick(0s);
  CHECK(taken() == Lines{"a=x", "b=x"});
}

TEST_CASE_METHOD(ScriptFixture, "an error in a handler is reported and hurts nobody else") {
  load(
      "mqtt.subscribe('a', function(msg) local x = nil; x.y = 1 end)\n"
      "mqtt.subscribe('a', function(msg) mqtt.publish('b', 'still here') end)\n");
  incoming("a");
  CHECK(taken() == Lines{"b=still here"});
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].message.find("test.lua:1:") != std::string::npos);
  CHECK(faults[0].callback == "mqtt.subscribe a");
  CHECK(faults[0].topic == "a");
  CHECK(faults[0].traceback.find("stack traceback") != std::string::npos);
  CHECK(logs.has("[ERROR] script"));
}

TEST_CASE_METHOD(ScriptFixture, "reload: the state is carried over, what is gone is released") {
  load(
      "state.n = (state.n or 0) + 1\n"
      "mqtt.subscribe('old', function() end)\n"
      "timer.every(1, function() mqtt.publish('tick', 'old') end)\n");
  save(
      "state.n = (state.n or 0) + 1\n"
      "mqtt.subscribe('new', function() mqtt.publish('n', state.n) end)\n");
  incoming("new");
  CHECK(taken() == Lines{"n=2"});
  CHECK(subscriptions() == 1);
  tick(3s);
  CHECK(published.empty());
}

TEST_CASE_METHOD(ScriptFixture,
                 "reload: state that cannot be carried over is named, the rest kept") {
  load("state.good = 7; state.bad = function() end");
  save("mqtt.publish('good', state.good); mqtt.publish('bad', tostring(state.bad))");
  CHECK(taken() == Lines{"good=7", "bad=nil"});
  CHECK(logs.has("state.bad"));
}

TEST_CASE_METHOD(ScriptFixture, "reload: a broken version changes nothing and is named") {
  load("mqtt.subscribe('a', function() mqtt.publish('b', 'old') end)");
  SECTION("a syntax error") { save("this is not Lua"); }
  SECTION("a run-time error") { save("mqtt.subscribe('a', function() end) error('x')"); }
  tick(50ms);
  CHECK_FALSE(logs.has("[ERROR]"));  // It may have been half-written: tried again first.
  tick(100ms);
  CHECK(logs.has("[ERROR] script"));
  CHECK(logs.has("test.lua:1:"));
  incoming("a");
  CHECK(taken() == Lines{"b=old"});
  save("mqtt.subscribe('a', function() mqtt.publish('b', 'new') end)");
  incoming("a");
  CHECK(taken() == Lines{"b=new"});
}

TEST_CASE_METHOD(ScriptFixture,
                 "reload: a script that was broken from the start is loaded when mended") {
  load_error("x x");
  save("mqtt.publish('a', 'here')");
  CHECK(taken() == Lines{"a=here"});
}

TEST_CASE_METHOD(ScriptFixture,
                 "reload: retained messages are not repeated for a filter that stays") {
  load("mqtt.subscribe('a/+', function(msg) mqtt.publish('seen', msg.topic) end)");
  incoming("a/b", "x", true);
  taken();
  save("mqtt.subscribe('a/+', function(msg) mqtt.publish('seen again', msg.topic) end)");
  incoming("a/b", "x", true);
  CHECK(published.empty());
}

TEST_CASE_METHOD(ScriptFixture, "saving a library reloads the scripts that require it") {
  write("lib.lua", "return { word = 'one' }");
  load("local lib = require 'lib'\nmqtt.publish('word', lib.word)");
  CHECK(host.watched_files().count((folder / "lib.lua").string()) == 1);
  CHECK(taken() == Lines{"word=one"});
  save("return { word = 'two' }", "lib.lua");
  CHECK(taken() == Lines{"word=two"});
}

TEST_CASE_METHOD(ScriptFixture, "a deleted script is released") {
  load("mqtt.subscribe('a', function() end)");
  std::filesystem::remove((folder / "test.lua").string());
  host.file_changed((folder / "test.lua").string());
  tick(499ms);  // Some editors take the old file away before the new one is written.
  CHECK(subscriptions() == 1);
  tick(1ms);
  CHECK(subscriptions() == 0);
  CHECK(logs.has("was deleted"));
  save("mqtt.publish('back', 'yes')");
  CHECK(taken() == Lines{"back=yes"});
}

TEST_CASE_METHOD(ScriptFixture, "a script that is only away for a moment is not stopped") {
  const std::string text = "state.n = (state.n or 0) + 1; mqtt.publish('n', state.n)";
  load(text);
  std::filesystem::remove((folder / "test.lua").string());
  host.file_changed((folder / "test.lua").string());
  tick(400ms);
  save(text);
  tick(1s);
  CHECK(taken() == Lines{"n=1", "n=2"});
  CHECK_FALSE(logs.has("was deleted"));
}

TEST_CASE_METHOD(ScriptFixture, "a library that was away is followed when it is back") {
  write("lib.lua", "return 'one'");
  load("mqtt.publish('word', require 'lib')");
  std::filesystem::remove((folder / "lib.lua").string());
  host.file_changed((folder / "lib.lua").string());
  tick(1s);
  CHECK(logs.has("module 'lib' not found"));
  save("return 'two'", "lib.lua");
  CHECK(taken() == Lines{"word=one", "word=two"});
}

TEST_CASE_METHOD(ScriptFixture, "files saved together reload a script once") {
  write("a.lua", "return 1");
  write("b.lua", "return 2");
  load("mqtt.publish('sum', require 'a' + require 'b')");
  REQUIRE(host.add(write("other.lua", "mqtt.publish('a', require 'a')")));
  taken();
  host.files_changed({write("a.lua", "return 10"), write("b.lua", "return 20")});
  CHECK(taken() == Lines{"a=10", "sum=30"});
}

TEST_CASE_METHOD(ScriptFixture, "reload and resume know scripts by name or path") {
  load("state.n = (state.n or 0) + 1; mqtt.publish('n', state.n)");
  REQUIRE(host.reload("test"));
  REQUIRE(host.reload((folder / "test.lua").string()));
  CHECK(taken() == Lines{"n=1", "n=2", "n=3"});
  std::filesystem::create_directory((folder / "more").string());
  REQUIRE(host.add(write("more/test.lua", "")));
  CHECK(host.reload("test").error().message.find("there are two scripts 'test'") == 0);
  CHECK(host.list().size() == 2);
  write("test.lua", "x x");
  CHECK_FALSE(host.reload((folder / "test.lua").string()));
  CHECK(host.list().back().last_error.find("test.lua:1:") != std::string::npos);
  CHECK(host.list().back().state == ScriptHost::State::running);
}
TEST_CASE_METHOD(ScriptFixture, "a script over its memory cap gets an error and works on") {
  load(
      "mqtt.subscribe('grow', function()\n"
      "  local t = {}\n"
      "  for i = 1, 1e9 do t[i] = {} end\n"
      "end)\n"
      "mqtt.subscribe('a', function() mqtt.publish('b', 'alive') end)\n");
  incoming("grow");
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].message.find("not enough memory") != std::string::npos);
  incoming("a");
  CHECK(taken() == Lines{"b=alive"});
}

TEST_CASE_METHOD(ScriptFixture,
                 "a message too large for a script's memory is its fault, not the end") {
  load("mqtt.subscribe('a', function(msg) mqtt.publish('b', #msg.payload) end)");
  incoming("a", std::string(40 * 1024 * 1024, 'x'));
  CHECK(faults.size() == 1);
  incoming("a", "abc");
  CHECK(taken() == Lines{"b=3"});
}

TEST_CASE_METHOD(ScriptFixture, "a thousand reloads leave everything as it was") {
  const std::string text =
      "state.n = (state.n or 0) + 1\n"
      "mqtt.subscribe('a/+', function() end)\n"
      "timer.every(1, function() end)\n"
      "timer.after(1000, function() end)\n"
      "devices.on_change(function() end)\n"
      "mqtt.subscribe('n', function() mqtt.publish('n is', state.n) end)\n";
  load(text);
  save(text);
  const size_t timer_count = timers.size();
  const size_t memory = host.find((folder / "test.lua").string())->memory_used();
  for (int i = 0; i < 1000; ++i) save(text);
  CHECK(timers.size() == timer_count);
  CHECK(subscriptions() == 2);
  CHECK(devices.on_change.size() == 1);
  CHECK(host.find((folder / "test.lua").string())->memory_used() < memory * 11 / 10);
  incoming("n");
  CHECK(taken() == Lines{"n is=1002"});
}

TEST_CASE_METHOD(ScriptFixture, "files that are no scripts are refused clearly") {
  CHECK(host.add((folder / "nothing.lua").string()).error().message.find("there is no such file") !=
        std::string::npos);
  CHECK(host.add((folder / ".").string()).error().message.find("is not a file") !=
        std::string::npos);
  CHECK(load_error(std::string("\x1bLJ\x02 bytecode", 14)).find("test.lua") != std::string::npos);
}
