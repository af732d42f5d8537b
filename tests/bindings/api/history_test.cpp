#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

// It is 1,700,000,000 when each test begins.
struct Fixture : ScriptFixture {
  // Runs in a handler of a script, not in its main chunk; tell(...) publishes its arguments.
  void run(const std::string& body) {
    save(
        "local series, runs = store.series 'voltage/a', store.runs 'race'\n"
        "local T = 1700000000\n"
        "local function tell(...)\n"
        "  for i = 1, select('#', ...) do mqtt.publish('t', tostring((select(i, ...)))) end\n"
        "end\n"
        "mqtt.subscribe('go', function() " +
        body + " end)");
    incoming("go");
    INFO((faults.empty() ? std::string() : faults[0].message));
    REQUIRE(faults.empty());
  }
  // Large answers take their time, under sanitizers more.
  Fixture() : ScriptFixture({.budget = 60s}) { load(""); }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "store.series: what was appended is found at once, in order of time") {
  run("tell(series:append(12.5), series:append(12, T - 60), series:append(13, T - 30))\n"
      "for _, p in ipairs(series:range(T - 60, T)) do tell((p.time - T) .. ' ' .. p.value) end\n"
      "tell(#series:range(), #series:range(T), #series:range(nil, T - 1), #series:range(1, 2))\n"
      "tell(series:last().value)");
  CHECK(taken() == Lines{"t=true", "t=true", "t=true", "t=-60 12", "t=-30 13", "t=0 12.5", "t=3",
                         "t=1", "t=2", "t=0", "t=12.5"});
}

TEST_CASE_METHOD(Fixture, "store.series: one series is the same for all scripts, and no other") {
  run("series:append(1)");
  tick(1s);
  REQUIRE(host.add(write("other.lua",
                         "mqtt.publish('t', #store.series('voltage/a'):range())\n"
                         "mqtt.publish('t', #store.series('voltage/b'):range())\n"
                         "mqtt.publish('t', tostring(store.series('voltage/b'):last()))\n")));
  CHECK(taken() == Lines{"t=1", "t=0", "t=nil"});
}

TEST_CASE_METHOD(Fixture, "store.series: range summarises pieces of time") {
  run("for i = 0, 119 do series:append(i, T + i) end\n"  // T is 20 s after a whole minute.
      "local pieces = series:range(T, T + 119, { every = 60 })\n"
      "for _, p in ipairs(pieces) do\n"
      "  tell(table.concat({ p.time - T, p.min, p.mean, p.max, p.count }, ' '))\n"
      "end");
  CHECK(taken() == Lines{"t=-20 0 19.5 39 40", "t=40 40 69.5 99 60", "t=100 100 109.5 119 20"});
}

TEST_CASE_METHOD(Fixture, "store.series: a question with too large an answer is refused") {
  TimeSeries& all = rehearsal.kept.series;
  const auto id = all.open("voltage/a").value();
  for (int i = 1; i <= 50'001; ++i) REQUIRE(all.append(id, {1.7e9 + i, 1}));
  run("tell(series:range()); tell(#series:range(T, T + 50000))\n"
      "tell(#series:range(nil, nil, { every = 3600 }))\n"
      "tell((series:range(nil, nil, { every = 0.5 })))");
  const Lines said = taken();
  REQUIRE(said.size() == 5);
  CHECK(said[0] == "t=nil");
  CHECK(said[1].find("t=more than 50000 values: ask for less time") == 0);
  CHECK(said[2] == "t=50000");
  CHECK(said[3] == "t=15");
  CHECK(said[4] == "t=nil");
}

TEST_CASE_METHOD(Fixture, "store.series: what is older than it keeps is not found") {
  run("local short = store.series('short', { keep = 60 })\n"
      "short:append(1)\n"
      "timer.after(30, function() short:append(2) end)\n"
      "timer.after(70, function() tell(#short:range(), short:last().value) end)\n"
      "timer.after(100, function() tell(#short:range(), short:last()) end)");
  tick(110s);
  CHECK(taken() == Lines{"t=1", "t=2", "t=0", "t=nil"});
}

TEST_CASE_METHOD(Fixture, "store.series: a main chunk appends when it has been accepted") {
  save("store.series('s', { keep = 60 }):append(1); error 'broken'");
  CHECK(rehearsal.kept.series.names().empty());
  save("local s = store.series 's' s:append(1) mqtt.publish('t', #s:range())");
  CHECK(taken() == Lines{"t=0"});
  run("tell(#store.series('s'):range())");
  CHECK(taken() == Lines{"t=1"});
}

TEST_CASE_METHOD(Fixture, "store.series_names: those with values, by prefix") {
  run("store.series 'b/1':append(1); store.series 'a/2':append(1); store.series 'a/1':append(1)\n"
      "tell(table.concat(store.series_names(), ' '), table.concat(store.series_names 'a/', ' '))");
  CHECK(taken() == Lines{"t=a/1 a/2 b/1", "t=a/1 a/2"});
}

TEST_CASE_METHOD(Fixture, "store.runs: what was added is listed, the newest first") {
  run("tell(runs:add { winner = 'x', lanes = { 1, 2 } }, runs:add { time = T - 60, n = 2 })\n"
      "tell(runs:add { time = T + 60, n = 3 })\n"
      "for _, r in ipairs(runs:list()) do tell(r.id .. ' ' .. r.time - T) end\n"
      "tell(#runs:list { from = T }, #runs:list { to = T }, runs:list { limit = 1 }[1].id)\n"
      "tell(runs:get(1).winner, runs:get(1).lanes[2], runs:get(9), #store.runs('fire'):list())");
  CHECK(taken() == Lines{"t=1", "t=2", "t=3", "t=3 60", "t=1 0", "t=2 -60", "t=2", "t=2", "t=3",
                         "t=x", "t=2", "t=nil", "t=0"});
}

TEST_CASE_METHOD(Fixture, "store.runs: what is too large is refused, and takes no number") {
  run("local id, err = runs:add { text = ('x'):rep(300000) }\n"
      "tell(id, err, runs:add {})\n"
      "for i = 1, 40 do runs:add { text = ('x'):rep(250000) } end\n"
      "tell(runs:list()); tell(#runs:list { limit = 10 })");
  CHECK(taken() == Lines{"t=nil", "t=a run of 300011 bytes is too large: at most 262144", "t=1",
                         "t=nil", "t=more than 8 MB of runs: ask for fewer", "t=10"});
}

TEST_CASE_METHOD(Fixture, "store.runs: what has no JSON form raises where it is added") {
  save("mqtt.subscribe('go', function() store.runs('r'):add { f = print } end)");
  incoming("go");
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].message.find("'f': a function has no JSON form") != std::string::npos);
}
