#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;

namespace {

struct Misuse {
  const char* call;
  const char* message;  // Part of what the script's author reads.
};

const Misuse kMisuses[] = {
    {"mqtt.subscribe()", "string expected, got nothing"},
    {"mqtt.subscribe('a')", "function expected, got nothing"},
    {"mqtt.subscribe(42, print)", "string expected, got number"},
    {"mqtt.subscribe('a/#/b', print)", "'#' must be the last level"},
    {"mqtt.subscribe('', print)", "must not be empty"},
    {"mqtt.subscribe('a', print, {qos = 3})", "option 'qos': 0, 1 or 2 expected"},
    {"mqtt.subscribe('a', print, {qso = 1})", "unknown option 'qso', did you mean 'qos'?"},
    {"mqtt.subscribe('a', print, 1)", "table of options expected"},
    {"mqtt.publish()", "string expected, got nothing"},
    {"mqtt.publish('a/+', 'x')", "has a wildcard"},
    {"mqtt.publish('a')", "payload: string, number, boolean or table expected"},
    {"mqtt.publish('a', print)", "payload: string, number, boolean or table expected"},
    {"mqtt.publish('a', {print})", "a function has no JSON form"},
    {"mqtt.publish('a', 'x', {retain = 1})", "option 'retain': boolean expected, got number"},
    {"mqtt.publish('a', 'x', {offline = 'never'})", "\"drop\" or \"queue\" expected"},
    {"mqtt.publish('a', 'x', {user_properties = {a = 1}})", "must be strings"},
    {"mqtt.on_connection(1)", "function expected, got number"},
    {"timer.after('1', print)", "number of seconds expected, got string"},
    {"timer.after(-1, print)", "seconds from 0 to 1e9 expected"},
    {"timer.after(0/0, print)", "seconds from 0 to 1e9 expected"},
    {"timer.after(1)", "function expected"},
    {"timer.every(0, print)", "at least 0.001 s"},
    {"timer.at('25:00', print)", "a time of day such as"},
    {"timer.at('18:00')", "function expected"},
    {"timer.after(1, print, {name = 1})", "option 'name': string expected"},
    {"timer.every(1, print, {nmae = 'x'})", "unknown option 'nmae', did you mean 'name'?"},
    {"timer.every(1, print, {name = 'x'}) timer.after(1, print, {name = 'x'})",
     "there is a timer 'x' already: cancel it first"},
    {"devices.get()", "string expected"},
    {"devices.on_change()", "function expected"},
    {"media.command('room1/light', 'x')", "ends in /audio or /video"},
    {"media.command('room1/audio')", "payload: string"},
    {"media.playing(1)", "string expected"},
    {"media.on_end()", "function expected"},
    {"json.encode()", "value expected"},
    {"json.encode(print)", "a function has no JSON form"},
    {"json.decode(1)", "string expected"},
    {"json.array('x')", "table expected"},
    {"log.info()", "value expected"},
    {"log.info('%d', 'x')", "number expected"},
    {"stage.add()", "table expected"},
    {"stage.add{room = 'x'}", "a scene needs one"},
    {"stage.add{name = 'x'}", "control: table of functions expected"},
    {"stage.add{name = 'x', control = {}, rom = 'y'}", "did you mean 'room'?"},
    {"stage.go()", "string expected"},
    {"stage.jump('x')", "string expected"},
    {"stage.seek('x', -1)", "seconds from 0"},
    {"stage.on_end(1)", "function expected"},
    {"store.set()", "value expected"},
    {"store.set('a')", "value expected"},
    {"store.set(1, 'x')", "string expected, got number"},
    {"store.set('', 'x')", "a key of 1 to 1024 bytes expected"},
    {"store.set('a', print)", "a value that can be stored expected"},
    {"store.set('a', {b = print})", "a value that can be stored expected"},
    {"store.set('a', ('x'):rep(2e6))", "at most 1 MB"},
    {"store.get()", "string expected, got nothing"},
    {"store.get(('k'):rep(1025))", "a key of 1 to 1024 bytes expected"},
    {"store.delete(1)", "string expected, got number"},
    {"store.keys(1)", "string expected, got number"},
    {"script.enter(1)", "function expected, got number"},
    {"collectgarbage('stop')", "only 'collect', 'count' and 'step'"},
};

}  // namespace

TEST_CASE_METHOD(ScriptFixture, "misuse raises at the script's line and says what was expected") {
  for (const Misuse& misuse : kMisuses) {
    const auto path = write("test.lua", std::string("-- line 1\n") + misuse.call + "\n");
    const auto loaded = host.add(path);
    INFO(misuse.call);
    REQUIRE_FALSE(loaded);
    INFO(loaded.error().message);
    CHECK(loaded.error().message.starts_with((folder / "test.lua").string() + ":2: "));
    CHECK(loaded.error().message.find(misuse.message) != std::string::npos);
  }
}
