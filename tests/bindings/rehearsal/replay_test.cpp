#include "bindings/rehearsal/replay.h"

#include "tests/support/captured_logs.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;

const WallTime kStart{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31} + 18h};

struct ReplayFixture {
  TempFolder folder;
  CapturedLogs logs;

  // What a script publishes, as `1500 topic=payload`.
  Lines replay(const std::string& script, const std::vector<RecordedMessage>& messages,
               ReplayOptions options = {}, Duration until = 0s) {
    Lines published;
    options.rehearsal.scripts.library_folders = {std::string(ENGINE_SOURCE_DIR) + "/scripts"};
    Replay replay(logs, std::move(options), kStart);
    replay.on_published = [&](const RecordedMessage& recorded) {
      published.push_back(std::to_string(recorded.at / 1ms) + " " + recorded.message.topic + "=" +
                          recorded.message.payload);
    };
    REQUIRE(replay.add_script(folder.write("rule.lua", script).string()));
    for (const RecordedMessage& message : messages) replay.play(message);
    replay.advance_to(until);
    return published;
  }
};

RecordedMessage at(Duration time, const std::string& topic, const std::string& payload,
                   bool retain = false) {
  return {time, {.topic = topic, .payload = payload, .retain = retain}};
}

const std::string kEcho = R"(
mqtt.subscribe("in", function(msg)
  mqtt.publish("out", msg.payload .. (msg.retained and " retained" or ""))
end)
mqtt.subscribe("out", function(msg) mqtt.publish("heard", msg.payload) end)
)";

}  // namespace

TEST_CASE_METHOD(ReplayFixture, "replay: messages arrive at their time, with their flags") {
  CHECK(replay(kEcho, {at(0s, "in", "a", true), at(90min, "in", "b")}) ==
        Lines{"0 out=a retained", "0 heard=a retained", "5400000 out=b", "5400000 heard=b"});
}

TEST_CASE_METHOD(ReplayFixture, "replay: what scripts publish themselves is not played to them") {
  const std::vector<RecordedMessage> recording = {at(1s, "out", "old"), at(2s, "in", "new"),
                                                  at(3s, "out", "old"), at(4s, "in", "")};
  CHECK(replay(kEcho, recording) ==
        Lines{"1000 heard=old", "2000 out=new", "2000 heard=new", "4000 out=", "4000 heard="});
  CHECK(replay(kEcho, recording, {.rehearsal = {}, .inject = {"#"}, .except = {"in"}}, 5s) ==
        Lines{"1000 heard=old", "3000 heard=old"});
  CHECK(replay(kEcho, recording, {.rehearsal = {}, .inject = {"in"}, .except = {}}, 5s) ==
        Lines{"2000 out=new", "2000 heard=new", "4000 out=", "4000 heard="});
}

TEST_CASE_METHOD(ReplayFixture, "replay: timers go on between and after the messages") {
  CHECK(replay("timer.every(2, function() mqtt.publish('tick', timer.now()) end)",
               {at(3s, "in", "")}, {}, 6s) == Lines{"2000 tick=2", "4000 tick=4", "6000 tick=6"});
}

TEST_CASE_METHOD(ReplayFixture, "replay: the calendar is that of the recording") {
  CHECK(replay(R"(mqtt.subscribe("in", function()
                    mqtt.publish("out", os.date("!%Y-%m-%d %H:%M:%S"))
                    mqtt.publish("out", os.time() - os.time { year = 2026, month = 1, day = 31,
                                                              hour = os.date("*t").hour })
                    mqtt.publish("out", os.date("!%Y", 0))
                  end))",
               {at(90s, "in", "")}) ==
        Lines{"90000 out=2026-01-31 18:01:30", "90000 out=90", "90000 out=1970"});
}

TEST_CASE_METHOD(ReplayFixture, "replay: pairs goes by the order of the keys") {
  CHECK(replay(R"(mqtt.subscribe("in", function()
                    local names = {}
                    local t = { c = 1, a = 2, [10] = 3, b = 4, [2] = 5 }
                    for name in pairs(t) do
                      names[#names + 1] = name
                      t.b = nil
                    end
                    mqtt.publish("out", table.concat(names, " "))
                    mqtt.publish("out", { z = 1, y = { b = 2, a = 3 }, x = { 1, 2 } })
                  end))",
               {at(0s, "in", "")}) ==
        Lines{"0 out=2 10 a c", R"(0 out={"x":[1,2],"y":{"a":3,"b":2},"z":1})"});
}

TEST_CASE_METHOD(ReplayFixture, "replay: says when something is due next") {
  ReplayOptions options;
  Replay replay(logs, options, kStart);
  REQUIRE(replay.add_script(
      folder.write("rule.lua", "timer.after(2, function() error 'late' end)").string()));
  CHECK(replay.next_due(1s) == 1s);
  CHECK(replay.next_due(5s) == 2s);
  replay.advance_to(2s);
  CHECK(replay.faults() == 1);
  replay.advance_to(1s);  // Time does not go back.
  CHECK(replay.next_due(2s) == 2s);
}
