#include "bindings/rehearsal/check.h"

#include <fmt/format.h>

#include <filesystem>

#include "bindings/rehearsal/check/outline.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

using namespace engine;
using namespace engine::test;
using checking::Finding;

namespace {

using Lines = std::vector<std::string>;

struct CheckFixture {
  TempFolder folder;
  checking::CheckOptions options{
      .rehearsal = {.scripts = {.library_folders = {std::string(ENGINE_SOURCE_DIR) + "/scripts"}}},
      .media_folders = {}};

  // `file:line:col: severity: message` of each finding, the file without its folder.
  Lines check(const Lines& names) {
    std::vector<std::string> files;
    for (const std::string& name : names) files.push_back((folder / name).string());
    Lines lines;
    for (const Finding& f : checking::check_files(files, options)) {
      const bool error = f.severity == Finding::Severity::error;
      lines.push_back(fmt::format("{}:{}:{}: {}: {}",
                                  std::filesystem::path(f.file).filename().string(), f.at.line,
                                  f.at.column, error ? "error" : "warning", f.message));
    }
    return lines;
  }
  Lines check_text(const std::string& text) {
    folder.write("a.lua", text);
    return check({"a.lua"});
  }
};

const std::string kScene = "local scene = require \"engine.scene\"\n";

}  // namespace

TEST_CASE_METHOD(CheckFixture, "check: each mistake is found at its place") {
  struct Case {
    std::string source;
    Lines found;
  };
  const auto [source, found] = GENERATE(values<Case>({
      {"local x = = 3", {"a.lua:1:11: error: unexpected symbol near '='"}},
      {"local t = {\n  1, 2\n",
       {"a.lua:3:1: error: '}' expected (to close '{' at line 1) near '<eof>'"}},
      {"goto nowhere", {"a.lua:1:6: error: undefined label 'nowhere'"}},

      {"local function f()\n  logg.info 'x'\nend\nf = f",
       {"a.lua:2:3: error: unknown global 'logg', did you mean 'log'?"}},
      {"timer.after(1, function() counter = 1 end)\ntimer.after(1, function() counter = 2 end)",
       {"a.lua:1:27: warning: global 'counter' is written: should it be local?"}},
      {"function helper() end",
       {"a.lua:1:10: warning: global 'helper' is written: should it be "
        "local?"}},
      {"mqtt = nil", {"a.lua:1:1: warning: 'mqtt' of the engine is replaced by another value"}},
      {"timer.after(1, function() mqtt.publsh('a', 1) end)",
       {"a.lua:1:32: error: 'mqtt' has no 'publsh', did you mean 'publish'?"}},
      {"timer.after(1, function() os.execute 'ls' end)",
       {"a.lua:1:30: error: 'os' has no 'execute'"}},
      {"logg.info 'x'", {"a.lua:1:1: error: unknown global 'logg', did you mean 'log'?"}},

      {"timer.after(1, function()\n  mqtt.publish('room1/+', 'ON')\nend)",
       {"a.lua:2:16: error: topic 'room1/+' has a wildcard: only subscriptions may"}},
      {"mqtt.subscribe('a/#/b', function() end)",
       {"a.lua:1:16: error: topic filter 'a/#/b': '#' must be the last level"}},
      {"mqtt.subscribe('a', function() end, {\n  qoss = 1 })\nlocal x = 1",
       {"a.lua:2:3: error: bad argument #3 to 'subscribe' (unknown option 'qoss', did you mean "
        "'qos'?)"}},
      {"timer.after('soon', function() end)",
       {"a.lua:1:13: error: bad argument #1 to 'after' (number of seconds expected, got string)"}},

      {"error 'stop here'", {"a.lua:1:1: error: stop here"}},
      {"local t = nil\nlocal x = t.field",
       {"a.lua:2:11: error: attempt to index local 't' (a nil value)"}},
      {"local x = 1\nx.y.z = 2", {"a.lua:2:1: error: attempt to index local 'x' (a number value)"}},
      {"require 'no.such.library'", {}},
  }));
  if (source.starts_with("require 'no")) {
    const Lines lines = check_text(source);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("a.lua:1:1: error: module 'no.such.library' not found"));
    return;
  }
  INFO(source);
  CHECK(check_text(source) == found);
}

TEST_CASE_METHOD(CheckFixture,
                 "check: in a scene the line of the mistake is named, not its first") {
  struct Case {
    std::string body;
    Lines found;
  };
  const auto [body, found] = GENERATE(values<Case>({
      {"  triger = { 'a', 'b' },\n  cues = { { 0, 'a', 'b' } },",
       {"a.lua:3:3: error: scene 'x': options: unknown option 'triger', did you mean 'trigger'?"}},
      {"  cues = {\n    { 0, 'a', 'b' },\n    { 5, 'a', 'b', confrm = 2 },\n  },",
       {"a.lua:5:20: error: scene 'x': cue 2: unknown option 'confrm', did you mean 'confirm'?"}},
      {"  cues = {\n    { -1, 'a', 'b' },\n  },\n  length = 3,",
       {"a.lua:4:7: error: scene 'x': cue 1: its time, which comes first: seconds from 0 expected, "
        "got -1"}},
      {"  cues = { { 0, 'a', 'b' } },\n  on_stop = {\n    { 'a', 'b' },\n    { 'a/#', 'b' } },",
       {"a.lua:6:7: error: scene 'x': on_stop 2: topic 'a/#' has a wildcard: a cue is sent to one "
        "topic"}},
      {"  cues = { { 0, 'a', 'b' } },\n  on_reload = 'never',",
       {"a.lua:4:3: error: scene 'x': on_reload: \"resume\", \"restart\" or \"finish\" expected, "
        "got never"}},
      {"  cues = {\n    { 5, 'a', 'b' },\n    { 4, 'a', 'b' },\n    { 5, 'a', 'b' },\n  },",
       {"a.lua:5:7: warning: a cue at 4 s stands after one at 5 s: cues are played in order of "
        "time"}},
  }));
  INFO(body);
  CHECK(check_text(kScene + "scene 'x' {\n" + body + "\n}\n") == found);
}

TEST_CASE_METHOD(CheckFixture, "check: all mistakes of a file are found, not only the first") {
  CHECK(check_text(kScene + R"(
scene "one" {
  cues = {
    { 0, "a/+", "b" },
    { 1, "a", "b", retri = 1, qos = 9 },
    { 2, "a", "b", confirm = "x" },
  },
}
mqtt.subscribe("#/a", function() end)
scene "two" { room = 7, cues = {} }
)") == Lines{"a.lua:5:10: error: scene 'one': cue 1: topic 'a/+' has a wildcard: a cue is sent to "
             "one topic",
             "a.lua:6:20: error: scene 'one': cue 2: unknown option 'retri', did you mean 'retry'?",
             "a.lua:6:31: error: scene 'one': cue 2: qos: 0, 1 or 2 expected, got 9",
             "a.lua:7:20: error: scene 'one': cue 3: confirm: seconds from 0 expected, got x",
             "a.lua:10:16: error: topic filter '#/a': '#' must be the last level",
             "a.lua:11:15: error: scene 'two': room: a name expected, without + and #, got 7",
             "a.lua:11:25: error: scene 'two': cues: a list with at least one cue expected"});
}

TEST_CASE_METHOD(CheckFixture, "check: state machines are read like scenes") {
  CHECK(check_text(R"(local state_machine = require "engine.state_machine"
state_machine "m" {
  initial = "dark",
  states = {
    dark = {
      on_entr = {},
      transitions = { { timeout = 3, to = "bright" } },
    },
  },
}
)") == Lines{"a.lua:6:7: error: state_machine 'm': state 'dark': unknown option 'on_entr', did you "
             "mean 'on_enter'?",
             "a.lua:7:38: error: state_machine 'm': state 'dark': transition 1: to: there is no "
             "state 'bright'"});
}

TEST_CASE_METHOD(CheckFixture, "check: media files are looked for where the show would look") {
  folder.write("media/here.mp3", "");
  folder.write("more/there.mp4", "");
  options.media_folders = {folder / "more"};
  const Lines lines = check_text(kScene + R"(
scene "x" {
  room = "r",
  trigger = { "r/audio", "not_played.mp3" },
  cues = {
    { 0, "r/audio", "PLAY:here.mp3:0.5" },
    { 1, "r/video", "PLAY_VIDEO:there.mp4" },
    { 2, "r/audio", "her.mp3" },
    { 3, "r/audio", "PLAY:here.mp3:loud" },
  },
}
scene("y", function(s)
  s:wait_for("r/audio", "not_played.mp3")
  s:play "gone.mp3"
  s:run "x"
end)
)");
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].starts_with("a.lua:9:21: error: \"her.mp3\" is not in "));
  CHECK(lines[0].find("did you mean \"here.mp3\"?") != std::string::npos);
  CHECK(lines[1].starts_with("a.lua:10:21: error: "));
  CHECK(lines[1].find("loud") != std::string::npos);
  CHECK(lines[2].starts_with("a.lua:15:10: error: \"gone.mp3\" is not in "));
  CHECK(lines[2].find("media") != std::string::npos);
}

TEST_CASE_METHOD(CheckFixture,
                 "check: media of cues that the script works out are looked for too") {
  folder.write("media/hit1.mp3", "");
  const Lines lines = check_text(kScene + R"(local cues = {}
for i = 1, 2 do
  cues[i] = { i, "r/audio", "hit" .. i .. ".mp3" }
end
scene "x" { room = "r", cues = cues }
)");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("a.lua:6:1: error: \"hit2.mp3\" is not in "));
}

TEST_CASE("check: shipped Lua is understood to its end") {
  size_t files = 0;
  for (const char* folder : {"/scripts", "/scenes"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(ENGINE_SOURCE_DIR + std::string(folder))) {
      if (entry.path().extension() != ".lua") continue;
      INFO(entry.path());
      const auto read = checking::outline(read_file(entry.path()));
      CHECK_FALSE(read.broken_at);
      CHECK(read.tokens.size() > 1);
      ++files;
    }
  }
  CHECK(files > 30);
}

TEST_CASE_METHOD(CheckFixture, "check: a scene that nothing starts is a warning") {
  const std::string scenes = kScene +
                             "scene 'one' { cues = { { 0, 'a', 'b' } } }\n"
                             "scene 'two' { cues = { { 0, 'a', 'b' } } }\n";
  CHECK(check_text(scenes) ==
        Lines{"a.lua:3:1: warning: nothing starts the scene 'two': it has no trigger, and 'one', "
              "which comes first, is started with the file"});
  CHECK(check_text(scenes + "timer.after(1, function() stage.go 'two' end)").empty());
  CHECK(check_text(scenes + "mqtt.subscribe('go', function(m) stage.go(m.payload) end)").empty());
}

TEST_CASE_METHOD(CheckFixture, "check: two files of a folder cannot have scenes of the same name") {
  folder.write("a.lua", kScene + "scene 'x' { cues = { { 0, 'a', 'b' } } }");
  folder.write("b.lua", kScene + "\nscene 'x' { cues = { { 0, 'a', 'b' } } }");
  folder.write("other/c.lua", kScene + "scene 'x' { cues = { { 0, 'a', 'b' } } }");
  const Lines lines = check({"a.lua", "b.lua", "other/c.lua"});
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("b.lua:3:1: warning: the scene 'x' exists in "));
}

TEST_CASE_METHOD(CheckFixture, "check: an error in a file that is required is named there") {
  folder.write("lib.lua", "local M = {}\nM.x = nil + 1\nreturn M");
  CHECK(check_text("local lib = require 'lib'\nlib.f()") ==
        Lines{"lib.lua:2:1: error: attempt to perform arithmetic on a nil value"});
}

TEST_CASE_METHOD(CheckFixture, "check: globals of a required file are known") {
  folder.write("lib.lua", "_G.shared = 1");
  CHECK(check_text("require 'lib'\nlog.info(shared)").empty());
}

TEST_CASE_METHOD(CheckFixture, "check: tests are compiled, and not run") {
  folder.write("x_test.lua", "describe('x', function() it('y', function() end) end)");
  CHECK(check({"x_test.lua"}).empty());
  folder.write("x_test.lua", "describe('x', function( end)");
  CHECK(check({"x_test.lua"}) ==
        Lines{"x_test.lua:1:25: error: <name> or '...' expected near 'end'"});
}

TEST_CASE_METHOD(CheckFixture, "check: what is right in Lua is not misread") {
  CHECK(check_text(R"=(#!/usr/bin/env engine
local M = {}
function M.never()
local a, b = 0x1p4, 1e-3 -- not a comment's end
--[==[ long
]] comment ]==]
local text = [[
long text]] .. "\z
  \x41\u{48}\065\"" .. '\''
for i = 1, 10 do local j = i if j > 5 then break end end
for k, v in pairs { a = 1, ["b"] = 2, [3] = 4; 5 } do log.info("%s %s", k, v) end
repeat local done = true until done
function M.x.y() end
function M:z(...) return self, ... end
local function f(...) local n = select("#", ...) return -n ^ 2, not n, #text end
while false do goto continue ::continue:: end
local goto = 1
goto = goto + 1
;(f or M.z)(a, b).c["d"]:e "text" { 1 }
)=")
            .size() == 1);  // M.x is nil: it is compiled, and fails when it runs.
}
