#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

struct Fixture : ScriptFixture {
  // Runs in a handler of a script, not in its main chunk; tell(...) publishes its arguments.
  void run(const std::string& body) {
    save(
        "local function tell(...) for _, v in ipairs { ... } do mqtt.publish('t', v) end end\n"
        "mqtt.subscribe('go', function() " +
        body + " end)");
    incoming("go");
    INFO((faults.empty() ? std::string() : faults[0].message));
    REQUIRE(faults.empty());
  }
  Fixture() { load(""); }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "store: what was set can be got, also by another script") {
  run("store.set('a', 12); store.set('b', { x = { 1, 2, [10] = 'ten' } })\n"
      "store.set('c', false); store.set('d', 'a\\0b')");
  REQUIRE(host.add(write("other.lua",
                         "mqtt.publish('t', store.get('a'))\n"
                         "mqtt.publish('t', store.get('b').x[10])\n"
                         "mqtt.publish('t', tostring(store.get('c', 'default')))\n"
                         "mqtt.publish('t', #store.get('d'))\n")));
  CHECK(taken() == Lines{"t=12", "t=ten", "t=false", "t=3"});
}

TEST_CASE_METHOD(Fixture, "store.get: a default stands for what is not there") {
  run("tell(tostring(store.get('none')), store.get('none', 7))");
  CHECK(taken() == Lines{"t=nil", "t=7"});
}

TEST_CASE_METHOD(Fixture, "store.get: a copy, which changes nothing that is stored") {
  run("store.set('a', { n = 1 }); store.get('a').n = 2; tell(store.get('a').n)");
  CHECK(taken() == Lines{"t=1"});
}

TEST_CASE_METHOD(Fixture, "store.set: nil deletes, and so does store.delete") {
  run("store.set('a', 1); store.set('b', 1); store.set('a', nil)\n"
      "tell(tostring(store.delete('b')), tostring(store.delete('b')), #store.keys())");
  CHECK(taken() == Lines{"t=true", "t=false", "t=0"});
}

TEST_CASE_METHOD(Fixture, "store.keys: sorted, of one prefix") {
  run("for _, k in ipairs { 'x/2', 'y', 'x/1' } do store.set(k, 1) end\n"
      "tell(table.concat(store.keys(), ' '), table.concat(store.keys('x/'), ' '))");
  CHECK(taken() == Lines{"t=x/1 x/2 y", "t=x/1 x/2"});
}

TEST_CASE_METHOD(Fixture, "store.set: returns what is wrong when there is no room") {
  run("local big, ok, err = ('x'):rep(1000000), true\n"
      "for i = 1, 70 do if ok then ok, err = store.set('k' .. i, big) end end\n"
      "tell(tostring(ok), err:match 'no room')");
  CHECK(taken() == Lines{"t=nil", "t=no room"});
}

TEST_CASE_METHOD(Fixture, "store: a main chunk sees what it sets; if it fails nothing is set") {
  KeyValue& values = rehearsal.kept.values;
  save(
      "store.set('a', 1); store.set('b', 1); store.delete('b')\n"
      "mqtt.publish('t', store.get('a')); mqtt.publish('t', #store.keys()); store.set('a', 2)");
  CHECK(taken() == Lines{"t=1", "t=1"});
  CHECK(values.keys() == std::vector<std::string>{"a"});
  save("store.set('a', 3); store.set('c', 3); error('broken')");
  tick(1s);
  run("tell(store.get('a'), tostring(store.get('c')))");
  CHECK(taken() == Lines{"t=2", "t=nil"});
}
