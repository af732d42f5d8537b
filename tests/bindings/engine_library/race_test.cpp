#include <algorithm>

#include "tests/bindings/support/restart_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;

// A race on two lanes. What it says is in what is published on `ask`.
std::string soapbox(const std::string& more = "") {
  return "local race = require 'engine.race'\n"
         "local r = race 'soapbox' { lanes = 2, heats = { { 1, 2 }, { 2, 1 } }, " +
         more +
         " }\n"
         "mqtt.subscribe('standings', function() mqtt.publish('told', r:standings()) end)\n"
         "mqtt.subscribe('results', function() mqtt.publish('told', r:results()) end)\n"
         "mqtt.subscribe('status', function() mqtt.publish('told', r:status()) end)\n";
}

std::string flag(bool up, int lane) {
  return std::string(R"({"toggle": )") + (up ? "true" : "false") +
         R"(, "timestamp": 1715432589, "dip": ")" + (lane == 1 ? "1000" : "1001") + "\"}";
}

std::string state_of(const std::string& device) { return "derbynet/device/" + device + "/state"; }

const std::string kGo = R"({"state": "GO", "timestamp": 1715432587})";
const std::string kStop = R"({"state": "STOP", "timestamp": 1715432587})";

// The lines that contain both texts.
Lines with(Lines lines, const std::string& part, const std::string& also = "") {
  std::erase_if(lines, [&](const std::string& line) {
    return line.find(part) == line.npos || line.find(also) == line.npos;
  });
  return lines;
}

struct RaceFixture : ScriptFixture {
  void command(const std::string& order) { incoming("derbynet/race/command", order); }
  // A message that arrived a while ago, and is handled only now.
  void late(const std::string& topic, const std::string& payload, Duration ago) {
    bus.deliver({.topic = topic, .payload = payload, .received_at = clock.now() - ago});
  }
  void go() { incoming(state_of("starttimer"), kGo); }
  void finish(int lane) { incoming(state_of("L" + std::to_string(lane)), flag(false, lane)); }
  void run_heat(Duration lane1, Duration lane2) {
    command("stage");
    go();
    tick(lane1);
    finish(1);
    tick(lane2 - lane1);
    finish(2);
  }
  std::string answer(const std::string& question) {
    taken();
    incoming(question);
    const Lines told = with(taken(), "told=");
    return told.empty() ? "" : told.front();
  }
};

}  // namespace

TEST_CASE_METHOD(RaceFixture, "race: times count from arrival, not from when the script runs") {
  load(soapbox());
  command("stage");
  late(state_of("starttimer"), kGo, 250ms);
  tick(3s);
  late(state_of("L1"), flag(false, 1), 40ms);
  CHECK(with(taken(), "lane_finish", "\"time\":3.21,").size() == 1);
}

TEST_CASE_METHOD(RaceFixture, "race: what arrived in time counts although it is handled late") {
  load(soapbox("dnf_after = 5"));
  command("stage");
  go();
  tick(5050ms);
  late(state_of("L1"), flag(false, 1), 60ms);
  late(state_of("L2"), flag(false, 2), 40ms);  // The time was up.
  CHECK(with(taken(), "lane_finish").size() == 1);
  tick(100ms);
  CHECK(with(taken(), "race_end", "\"dnf\":true").size() == 1);
}

TEST_CASE_METHOD(RaceFixture, "race: a finish that is delivered a second time has no time") {
  load(soapbox());
  command("stage");
  go();
  tick(2s);
  bus.deliver({.topic = state_of("L1"),
               .payload = flag(false, 1),
               .duplicate = true,
               .received_at = clock.now()});
  CHECK(with(taken(), "lane_finish").empty());
}

TEST_CASE_METHOD(RaceFixture, "race: a save keeps the heat that runs, with the new rules") {
  load(soapbox("dnf_after = 60"));
  command("stage");
  go();
  tick(2s);
  finish(1);
  taken();
  save(soapbox("dnf_after = 10, names = { [2] = 'Jonas' }"));
  CHECK(with(taken(), "/led").empty());  // Nothing has changed there.
  CHECK(faults.empty());
  tick(7s);
  CHECK(with(taken(), "race_end").empty());
  tick(1100ms);
  const Lines ended = with(taken(), "race_end", "\"time\":2}");
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].find("Jonas") != ended[0].npos);
  CHECK(reports.back().reason == EndReason::finished);
}

TEST_CASE_METHOD(RaceFixture, "race: a save keeps a staged heat, and what is known of devices") {
  load(soapbox());
  incoming("derbynet/device/L1/telemetry",
           R"({"hostname":"a","hwid":"L1","uptime":1,"ip":"i","mac":"m","dip":"1000"})");
  incoming(state_of("L1"), flag(true, 1));
  command("stage");
  save(soapbox("minimum_time = 1"));
  CHECK(answer("status").find("\"ready\":true") != std::string::npos);
  go();
  tick(500ms);
  finish(1);
  const Lines too_soon = taken();
  CHECK(with(too_soon, "lane_finish").empty());
  CHECK(with(too_soon, "alerts", "a finish after 0.500 s is not counted").size() == 1);
  tick(1s);
  finish(1);
  CHECK(with(taken(), "lane_finish", "\"time\":1.5,").size() == 1);
}

TEST_CASE_METHOD(RaceFixture, "race: a script that is gone leaves the lanes red") {
  load(soapbox());
  command("stage");
  go();
  taken();
  save("");
  const Lines lines = taken();
  CHECK(with(lines, "/led=red").size() == 2);
  CHECK(with(lines, "derbynet/status=offline").size() == 1);
  CHECK(reports.back().reason == EndReason::stopped);
}

TEST_CASE_METHOD(RaceFixture, "race: standings by average, by all but the slowest, by the best") {
  const auto standings = [&](const std::string& scoring) {
    save(soapbox("scoring = " + scoring));
    return answer("standings");
  };
  load(soapbox("dnf_after = 30"));
  run_heat(2s, 5s);  // Racer 0001 on lane 1, 0002 on lane 2.
  run_heat(4s, 9s);  // The other way round.
  CHECK(
      standings("'average'").find(R"([{"dnf":0,"place":1,"racer":"0002","runs":2,"score":4.5},)") !=
      std::string::npos);
  CHECK(standings("'drop_slowest'").find(R"("place":1,"racer":"0001","runs":2,"score":2})") !=
        std::string::npos);
  CHECK(standings("'best'").find(R"("place":2,"racer":"0002","runs":2,"score":4})") !=
        std::string::npos);
  CHECK(standings("function(times) return times[#times] end")
            .find(R"("racer":"0001","runs":2,"score":9})") != std::string::npos);
  CHECK(faults.empty());
}

TEST_CASE_METHOD(RaceFixture, "race: who did not finish counts dnf_time in the standings") {
  load(soapbox("dnf_after = 10, dnf_time = 999.999"));
  command("stage");
  go();
  tick(3s);
  finish(1);
  tick(8s);
  const std::string standings = answer("standings");
  CHECK(standings.find(R"({"dnf":1,"place":2,"racer":"0002","runs":1,"score":999.999})") !=
        std::string::npos);
}

TEST_CASE_METHOD(RaceFixture,
                 "race: a scoring rule that fails is a fault, and the heat has ended") {
  load(soapbox("scoring = function() error 'no idea' end"));
  run_heat(2s, 3s);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].message.find("no idea") != std::string::npos);
  CHECK(reports.back().reason == EndReason::finished);
  save(soapbox());
  CHECK(answer("standings").find("0001") != std::string::npos);  // The results are there.
}

TEST_CASE_METHOD(RaceFixture, "race: a new day forgets earlier results, which stay in the store") {
  load(soapbox());
  run_heat(2s, 3s);
  CHECK(answer("results").find("\"heat\":1") != std::string::npos);
  command("new_day");
  CHECK(answer("results").find("\"heat\":1") == std::string::npos);
  save(soapbox() +
       "mqtt.subscribe('all', function()\n"
       "mqtt.publish('told', #store.runs('race'):list{}) end)");
  CHECK(answer("all") == "told=1");
  CHECK(answer("results").find("\"heat\":1") == std::string::npos);
}

TEST_CASE_METHOD(RaceFixture, "race: heats of other races, and simulated ones, do not count") {
  load(
      "timer.after(1, function()\n"
      "  local results = { { lane = 1, racer = '0001', time = 2, place = 1 } }\n"
      "  local runs = store.runs 'race'\n"
      "  runs:add { race = 'soapbox', simulated = true, round = 1, heat = 1, results = results }\n"
      "  runs:add { race = 'finals', simulated = false, round = 1, heat = 1, results = results }\n"
      "end)");
  tick(1s);
  save(soapbox());
  CHECK(answer("results").find("racer") == std::string::npos);
  command("stage");
  CHECK(logs.has("heat 1/1 is staged"));
}

TEST_CASE_METHOD(RaceFixture, "race: another source says what is next, and hears what happens") {
  load(
      "local race = require 'engine.race'\n"
      "local r r = race 'soapbox' { lanes = 2, source = {\n"
      "  next = function() return { round = 3, heat = 12, 7, 8 } end,\n"
      "  report = function(event) mqtt.publish('heard', event.event)\n"
      "    if event.event == 'race_start' then r:abort 'not today' end\n"
      "  end } }");
  command("stage");
  go();
  const Lines lines = taken();
  CHECK(with(lines, "heard=") == Lines{"heard=staged", "heard=race_start", "heard=race_abort"});
  CHECK(with(lines, "race_start", R"("heatid":12,"roundid":3)").size() == 1);
  CHECK(with(lines, "race_abort", "not today").size() == 1);
  CHECK(faults.empty());
}

TEST_CASE_METHOD(RaceFixture, "race: a source that fails, or says nonsense, is refused and named") {
  load(
      "require 'engine.race' 'soapbox' { lanes = 2, source = { next = function()\n"
      "  state.n = (state.n or 0) + 1\n"
      "  if state.n == 1 then error 'down' end\n"
      "  return state.n == 2 and { 5, 5 } or nil, 'come back later' end } }");
  command("stage");
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].message.find("down") != std::string::npos);
  CHECK(with(taken(), "source.next has failed").size() == 1);
  command("stage");
  CHECK(with(taken(), "racer 0005 is on two lanes").size() == 1);
  command("stage");
  CHECK(with(taken(), "come back later").size() == 1);
  CHECK(faults.size() == 1);
}

TEST_CASE_METHOD(RaceFixture, "race: a start that closes too soon was none, if so declared") {
  load(soapbox("start_hold = 0.5"));
  command("stage");
  go();
  tick(400ms);
  incoming(state_of("starttimer"), kStop);
  CHECK(with(taken(), "race/state=STAGING").size() == 2);
  tick(3s);
  go();
  tick(600ms);
  incoming(state_of("starttimer"), kStop);
  CHECK(with(taken(), "race_abort").empty());
}

TEST_CASE_METHOD(RaceFixture, "race: who sends a response topic is answered there") {
  load(soapbox());
  const auto ask = [&](const std::string& order) {
    taken();
    bus.deliver({.topic = "derbynet/race/command", .payload = order, .response_topic = "me"});
    return with(taken(), "me=");
  };
  CHECK(ask("rerun") == Lines{R"(me={"error":"no heat has been staged","success":false})"});
  CHECK(ask("stage") == Lines{R"(me={"success":true})"});
}

TEST_CASE_METHOD(RaceFixture, "race: everything retained is sent again with each connection") {
  load(soapbox());
  taken();
  bus.connection_changed(true);
  const Lines lines = taken();
  CHECK(with(lines, "derbynet/lane/1/led=red").size() == 1);
  CHECK(with(lines, "derbynet/status=online").size() == 1);
}

TEST_CASE("race: a declaration that is wrong is refused at its line, with the rule") {
  const std::pair<const char*, const char*> kWrong[] = {
      {"('x', 5)", "a table of options expected, got number"},
      {"'x' {}", "lanes: a number from 1 to 16 expected, got nil"},
      {"'x' { lanes = 2, dnf_aftr = 3 }", "unknown option 'dnf_aftr', did you mean 'dnf_after'?"},
      {"'x' { lanes = 2, heats = { { 1, 2, 3 } } }", "heat 1: entry 3 is one too many"},
      {"'x' { lanes = 2, heats = { { 1, 1 } } }", "heat 1: racer 0001 is on two lanes"},
      {"'x' { lanes = 2, heats = { { false, false } } }", "heat 1: no lane has a racer"},
      {"'x' { lanes = 2, heats = { { 12345 } } }", "heat 1: lane 1: a racer's number expected"},
      {"'x' { lanes = 2, heats = { { 1 }, { heat = 1, 2 } } }",
       "heat 2: round 1 has a heat 1 already"},
      {"'x' { lanes = 2, heats = {}, source = { next = print } }",
       "either heats or source expected"},
      {"'x' { lanes = 2, source = {} }", "source: next: a function expected"},
      {"'x' { lanes = 2, scoring = 'fastest' }", "scoring: \"average\", \"drop_slowest\""},
      {"'x' { lanes = 2, dips = { [1000] = 1 } }", "dips: 1000: text expected"},
      {"'x' { lanes = 2, dips = { ['1000'] = 0 } }", "dips: 1000: a lane from 1 to 16"},
      {"'x' { lanes = 2, names = { Mia = 42 } }", "names: 0Mia: text expected, got number"},
      {"'x' { lanes = 2, dnf_after = -1 }", "dnf_after: seconds from 0 expected, got -1"},
      {"'x' { lanes = 2, start_device = 'a/+' }", "start_device: text without + and #"},
      {"('')", "race: a name expected, got ''"},
      {".rotation({}, 3)", "race.rotation: a list of racers' numbers expected"},
      {".rotation({ 1 }, 0)", "race.rotation: a number of lanes from 1 to 16"},
      {".display()", "race.display: a lane expected, got nil"},
      {"'x' { lanes = 2 } :stage()", "race:stage: not while the script is loaded"},
      {"'x' { lanes = 2 } .standings()", "race:standings: write it with a colon"},
      {"'x' { lanes = 2 } :standings 'one'", "race:standings: the number of a round expected"},
  };
  for (const auto& [call, expected] : kWrong) {
    INFO(call);
    ScriptFixture show;
    const std::string error =
        show.load_error(std::string("local race = require 'engine.race'\nlocal x = race") +
                        (call[0] == '\'' ? " " : "") + call + "\nprint(x)");
    CHECK(error.find("test.lua:2: ") != error.npos);
    CHECK(error.find(expected) != error.npos);
    INFO(error);
    CHECK(error.find("scripts/engine") == error.npos);
  }
}

TEST_CASE_METHOD(RaceFixture, "race.rotation puts everybody once on each lane") {
  load(
      "local race = require 'engine.race'\n"
      "mqtt.publish('many', race.rotation({ 1, 2, 3, 4 }, 3))\n"
      "mqtt.publish('few', race.rotation({ 1, 2 }, 3))");
  CHECK(taken() == Lines{"many=[[1,2,3],[2,3,4],[3,4,1],[4,1,2]]",
                         "few=[[1,2,false],[2,false,1],[false,1,2]]"});
}

TEST_CASE_METHOD(RestartFixture, "race: after a power cut a staged heat is staged again") {
  script = soapbox();
  start();
  incoming("derbynet/race/command", "stage");
  tick(1s);
  cut_power_and_start(30s);
  CHECK(logged("heat 1/1 is staged"));
  taken();
  incoming(state_of("starttimer"), kGo);
  CHECK(with(taken(), "race_start", "\"heatid\":1").size() == 1);
}

TEST_CASE_METHOD(RestartFixture, "race: after a power cut a heat that ran is aborted") {
  script = soapbox();
  start();
  incoming("derbynet/race/command", "stage");
  incoming(state_of("starttimer"), kGo);
  tick(2s);
  taken();
  cut_power_and_start(30s);
  const Lines lines = taken();
  CHECK(with(lines, "race_abort", "it was interrupted").size() == 1);
  CHECK(with(lines, "/led=red").size() == 2);
  incoming(state_of("L1"), flag(false, 1));
  tick(200s);
  CHECK(with(taken(), "lane_finish").empty());
}

TEST_CASE_METHOD(RaceFixture, "race: a heat whose script is stopped by force is over") {
  load(soapbox() + "mqtt.subscribe('hang', function() while true do end end)");
  command("stage");
  go();
  tick(2s);
  taken();
  incoming("hang");
  tick(1s);
  const Lines lines = taken();
  CHECK(with(lines, "/led=red").size() == 2);
  CHECK(with(lines, "race/state=", "STOPPED").size() >= 2);
  CHECK(with(lines, "race/state=", "RACING").empty());
  command("stage");
  CHECK(with(taken(), "race/state=STAGING").size() == 1);
}

TEST_CASE_METHOD(RestartFixture, "race: standings survive a power cut") {
  script = soapbox();
  start();
  incoming("derbynet/race/command", "stage");
  incoming(state_of("starttimer"), kGo);
  tick(2s);
  incoming(state_of("L1"), flag(false, 1));
  incoming(state_of("L2"), flag(false, 2));
  tick(2s);
  cut_power_and_start(30s);
  taken();
  incoming("standings");
  CHECK(with(taken(), "told=", "\"racer\":\"0002\"").size() == 1);
  incoming("derbynet/race/command", "stage");
  CHECK(with(taken(), "race/lanes", "0002").size() == 1);
  CHECK(logged("heat 1/2 is staged"));
}
