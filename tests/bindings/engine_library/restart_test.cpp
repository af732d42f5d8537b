// What a power cut makes of cue sheets, stories and state machines.
#include "tests/bindings/support/restart_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

struct Sheet : RestartFixture {
  static std::string text(const std::string& options, const std::string& cues =
                                                          "{ 0, 'x/a', 1, confirm = false },\n"
                                                          "{ 2, 'x/b', 1, confirm = false },\n"
                                                          "{ 8, 'x/c', 1, confirm = false },\n"
                                                          "{ 12, 'x/d', 1, confirm = false }") {
    return "local scene = require 'engine.scene'\n"
           "scene 'ghost' { room = 'room1', trigger = { 'x/go' }, cues = {" +
           cues + "},\non_stop = { { 'x/steam', 'OFF', confirm = false } }, " + options + " }\n";
  }
  void play_to(Duration position, const std::string& options) {
    script = text(options);
    start();
    REQUIRE(go("ghost"));
    tick(position);
    taken();
  }
};

struct Story : RestartFixture {
  static std::string text(const std::string& body, const std::string& mode = "resume") {
    return "local scene = require 'engine.scene'\n"
           "local off = { confirm = false }\n"
           "scene 'riddle' { room = 'room1', trigger = { 'x/go' }, on_restart = '" +
           mode +
           "',\n on_stop = { { 'x/steam', 'OFF', confirm = false } },\nstory = function(s)\n" +
           body + "\nend }\n";
  }
  void play(const std::string& body, const std::string& mode = "resume") {
    script = text(body, mode);
    start();
    REQUIRE(go("riddle"));
  }
};

}  // namespace

TEST_CASE_METHOD(Sheet, "restart: by default on_stop is sent, and the scene has ended") {
  play_to(5s, "");
  cut_power_and_start(30s);
  CHECK(taken() == Lines{"x/steam=OFF"});
  CHECK(run->ended == Lines{"ghost stopped"});
  CHECK(logged("Scene 'ghost' was interrupted 30."));
  tick(20s);
  CHECK(taken().empty());
  cut_power_and_start(1s);  // Done once is done.
  CHECK(taken().empty());
}

TEST_CASE_METHOD(Sheet, "restart: on_restart = resume goes on where it stood") {
  play_to(5s, "on_restart = 'resume'");
  cut_power_and_start(1h);
  CHECK(taken().empty());
  CHECK(status("ghost").position == Approx(5).margin(0.6));
  CHECK(run->ended.empty());
  tick(4s);
  CHECK(taken() == Lines{"x/c=1"});
  tick(4s);
  CHECK(taken() == Lines{"x/d=1", "x/steam=OFF"});
  CHECK(run->ended == Lines{"ghost finished"});
  CHECK(logged("interrupted, away for 360"));
}

TEST_CASE_METHOD(Sheet, "restart: a scene that goes on can be interrupted again") {
  play_to(5s, "on_restart = 'resume'");
  cut_power_and_start(10s);
  tick(2s);
  cut_power_and_start(10s);
  CHECK(status("ghost").position == Approx(7).margin(1.2));
  tick(3s);
  CHECK(taken() == Lines{"x/c=1"});
}

TEST_CASE_METHOD(Sheet, "restart: the position is good to the last second, also between cues") {
  play_to(7700ms, "on_restart = 'resume'");
  cut_power_and_start(10s);
  CHECK(status("ghost").position > 6.7);
  CHECK(status("ghost").position <= 7.7);
}

TEST_CASE_METHOD(Sheet, "restart: a paused scene is paused where it was") {
  play_to(5s, "on_restart = 'resume'");
  REQUIRE(run->rehearsal.stage.control(*run->rehearsal.stage.find("ghost"))->pause());
  tick(1h);
  cut_power_and_start(10s);
  CHECK(status("ghost").state == SceneStatus::State::paused);
  CHECK(status("ghost").position == Approx(5));
}

TEST_CASE_METHOD(Sheet, "restart: on_restart = rejoin lists what was missed and does not send it") {
  play_to(5s, "on_restart = 'rejoin'");
  cut_power_and_start(5s);
  CHECK(taken().empty());
  CHECK(status("ghost").position == Approx(10).margin(0.1));
  CHECK(logged("[8.0s] missed: x/c = 1"));
  tick(2s);
  CHECK(taken() == Lines{"x/d=1", "x/steam=OFF"});
}

TEST_CASE_METHOD(Sheet, "restart: on_restart = rejoin, back after its end, ends") {
  play_to(5s, "on_restart = 'rejoin'");
  cut_power_and_start(1h);
  CHECK(taken() == Lines{"x/steam=OFF"});
  CHECK(run->ended == Lines{"ghost finished"});
}

TEST_CASE_METHOD(Sheet, "restart: on_restart = rejoin counts the rounds of a loop") {
  play_to(5s, "loop = true, length = 20, on_restart = 'rejoin'");
  cut_power_and_start(43s);  // 48 s: 8 s into the third round.
  CHECK(status("ghost").position == Approx(8).margin(0.6));
  tick(5s);
  CHECK(taken() == Lines{"x/d=1"});
}

TEST_CASE_METHOD(Sheet, "restart: on_restart = restart starts again") {
  play_to(5s, "on_restart = 'restart'");
  cut_power_and_start(30s);
  CHECK(taken() == Lines{"x/a=1"});
  CHECK(status("ghost").position == Approx(0));
}

TEST_CASE_METHOD(Sheet, "restart: after an orderly end nothing is carried on") {
  play_to(5s, "on_restart = 'resume'");
  stop_and_start();
  CHECK(status("ghost").state == SceneStatus::State::idle);
  CHECK(taken().empty());
}

TEST_CASE_METHOD(Sheet, "restart: the file may have changed meanwhile") {
  play_to(5s, "on_restart = 'resume'");
  script = text("on_restart = 'resume'",
                "{ 0, 'x/a', 'new', confirm = false }, { 6, 'x/e', 'new', confirm = false }");
  cut_power_and_start(30s);
  tick(2s);
  CHECK(taken() == Lines{"x/e=new", "x/steam=OFF"});
}

TEST_CASE_METHOD(Sheet, "restart: on_stop as it was promised counts too, when it has changed") {
  play_to(5s, "");
  script =
      "local scene = require 'engine.scene'\n"
      "scene 'ghost' { trigger = { 'x/go' }, cues = { { 0, 'x/a', 1 } },\n"
      "  on_stop = { { 'x/lamp', 'OFF', confirm = false } } }";
  cut_power_and_start(30s);
  CHECK(taken() == Lines{"x/steam=OFF", "x/lamp=OFF"});
}

TEST_CASE_METHOD(Sheet, "restart: without its script the engine itself sends on_stop") {
  play_to(5s, "on_restart = 'resume'");
  script.clear();
  cut_power_and_start(30s);
  CHECK(taken() == Lines{"x/steam=OFF"});
  tick(1s);
  cut_power_and_start(1s);
  CHECK(taken().empty());
}

TEST_CASE_METHOD(Sheet, "restart: what is only stopped waits for the broker") {
  play_to(5s, "");
  linked = true;
  link.up = false;
  SECTION("with its script") {}
  SECTION("without") { script.clear(); }
  cut_power_and_start(30s);
  CHECK(link.published.empty());
  CHECK(logged("1 interrupted scene will be stopped when the broker is there"));
  link.up = true;
  run->rehearsal.bus.connection_changed(true);
  CHECK(link.published == Lines{"x/steam=OFF"});
}

TEST_CASE_METHOD(Sheet, "restart: what goes on does not wait for the broker") {
  play_to(5s, "on_restart = 'resume'");
  linked = true;
  link.up = false;
  cut_power_and_start(30s);
  CHECK(status("ghost").state == SceneStatus::State::running);
}

TEST_CASE_METHOD(Sheet, "restart: a follow-on has its turn though its confirmation was lost") {
  script = text("on_restart = 'resume'",
                "{ 1, 'room1/door', 'OPEN', confirm = 60 },\n"
                "{ after = 'previous', 'x/b', 1, confirm = false }");
  start();
  REQUIRE(go("ghost"));
  tick(3s);
  CHECK(taken() == Lines{"room1/door=OPEN"});
  cut_power_and_start(30s);
  CHECK(logged("room1/door: whether it was confirmed is not known"));
  tick(1s);
  CHECK(taken() == Lines{"x/b=1", "x/steam=OFF"});
}

TEST_CASE_METHOD(Sheet, "restart: a scene that was saved meanwhile goes on with its new cues") {
  play_to(3s, "on_restart = 'resume'");
  script = text("on_restart = 'resume'",
                "{ 0, 'x/a', 'new', confirm = false }, { 4, 'x/e', 'new', confirm = false },\n"
                "{ 9, 'x/f', 'new', confirm = false }");
  run->rehearsal.host.file_changed(folder.write("show.lua", script).string());
  tick(3s);
  CHECK(taken() == Lines{"x/e=new"});
  cut_power_and_start(30s);
  CHECK(status("ghost").position == Approx(6).margin(0.6));
  tick(4s);
  CHECK(taken() == Lines{"x/f=new", "x/steam=OFF"});
}

TEST_CASE_METHOD(Sheet, "restart: cut off while it stops, it is stopped") {
  script =
      "local scene = require 'engine.scene'\n"
      "scene 'ghost' { trigger = { 'x/go' }, on_restart = 'resume',\n"
      "  cues = { { 0, 'x/a', 1, confirm = false }, { 60, 'x/b', 1 } },\n"
      "  on_stop = { { 'room1/steam', 'OFF', confirm = 10 } } }";
  start();
  REQUIRE(go("ghost"));
  tick(3s);
  REQUIRE(run->rehearsal.stage.control(*run->rehearsal.stage.find("ghost"))->stop(false));
  tick(1s);
  taken();
  cut_power_and_start(30s);
  CHECK(taken() == Lines{"room1/steam=OFF"});
  CHECK(status("ghost").state == SceneStatus::State::stopping);
}

TEST_CASE_METHOD(Sheet, "restart: jump and seek are where it goes on from") {
  script = text("on_restart = 'resume'",
                "{ 0, 'x/a', 1, confirm = false }, { 5, 'x/b', 1, confirm = false, name = 'five' },"
                "{ 20, 'x/c', 1, confirm = false }");
  start();
  REQUIRE(go("ghost"));
  tick(1s);
  SceneControl& control = *run->rehearsal.stage.control(*run->rehearsal.stage.find("ghost"));
  SECTION("jump") { REQUIRE(control.jump("five")); }
  SECTION("seek") { REQUIRE(control.seek(5)); }
  tick(1s);
  taken();
  cut_power_and_start(30s);
  CHECK(status("ghost").position == Approx(6).margin(0.6));
  tick(2s);
  CHECK(taken().empty());
}

TEST_CASE_METHOD(Sheet, "restart: a loop goes on in its round") {
  play_to(33s, "loop = 3, length = 15, on_restart = 'resume'");  // 3 s into the third.
  cut_power_and_start(30s);
  CHECK(status("ghost").position == Approx(3).margin(0.6));
  tick(13s);
  CHECK(taken() == Lines{"x/c=1", "x/d=1", "x/steam=OFF"});
  CHECK(run->ended == Lines{"ghost finished"});
}

TEST_CASE_METHOD(Sheet, "restart: another scene of the room comes first") {
  play_to(5s, "on_restart = 'resume'");
  other =
      "local scene = require 'engine.scene'\n"
      "scene 'early' { room = 'room1', trigger = { 'x/e' }, cues = { { 9, 'x/e', 1 } } }\n"
      "require 'engine.scene'; stage.go 'early'";
  cut_power_and_start(30s);
  CHECK(status("ghost").state == SceneStatus::State::idle);
  CHECK(taken().empty());
  CHECK(logged("is not carried on: scene 'ghost' cannot start: scene 'early' runs in room"));
}

TEST_CASE_METHOD(Sheet, "restart: a follow-on that was sent is not sent again") {
  script = text("on_restart = 'resume'",
                "{ 1, 'x/a', 1, confirm = false },\n"
                "{ after = 'previous', pre_wait = 2, 'room1/door', 'OPEN', confirm = 60 },\n"
                "{ after = 'previous', 'x/z', 1, confirm = false }");
  start();
  REQUIRE(go("ghost"));
  tick(5s);
  CHECK(taken() == Lines{"x/a=1", "room1/door=OPEN"});
  cut_power_and_start(30s);
  tick(1s);
  CHECK(taken() == Lines{"x/z=1", "x/steam=OFF"});
}

TEST_CASE_METHOD(Sheet, "restart: what an earlier mode has left is not gone on from") {
  play_to(5s, "on_restart = 'resume'");
  script = text("on_restart = 'restart'");
  cut_power_and_start(30s);
  tick(1s);
  script = text("on_restart = 'resume'");
  cut_power_and_start(30s);
  CHECK(taken() == Lines{"x/steam=OFF"});
  CHECK(logged("the journal does not say where it stood"));
}

TEST_CASE_METHOD(
    Sheet, "restart: a journal that makes no sense ends in on_stop, and the scene can go again") {
  script =
      "local ghost\n"
      "ghost = stage.add { name = 'ghost', triggered = true, control = {\n"
      "  go = function()\n"
      "    local performance = ghost:begin { { 'x/steam', 'OFF' } }\n"
      "    local data = { position = 1, chains = { { anchor = 1, step = 'none' } } }\n"
      "    performance:journal(require 'string.buffer'.encode(data))\n"
      "    return true\n"
      "  end,\n"
      "  status = function() return { state = 'running', position = 1 } end } }";
  start();
  REQUIRE(go("ghost"));
  tick(1s);
  script = text("on_restart = 'resume'",
                "{ 0, 'x/a', 1, confirm = false }, { after = 'previous', 'x/b', 1 }");
  cut_power_and_start(30s);
  CHECK(taken() == Lines{"x/steam=OFF"});
  CHECK(logged("is not carried on: its code could not deal with it"));
  CHECK(go("ghost"));
}

TEST_CASE_METHOD(Sheet, "restart: the verdict says what was taken over, and what was dropped") {
  play_to(5s, "on_restart = 'resume'");
  cut_power_and_start(30s);
  REQUIRE(run->reports.size() == 2);
  CHECK(run->reports[1].event == "restarted");
  REQUIRE(run->reports[1].taken_over.size() == 1);
  CHECK(run->reports[1].taken_over[0].starts_with("scene ghost at "));
  script = text("");
  cut_power_and_start(1s);
  REQUIRE(run->reports[1].dropped.size() == 1);
  CHECK(run->reports[1].dropped[0].what == "scene ghost");
  CHECK(run->reports[1].dropped[0].why == "on_restart = \"stop\"");
}

TEST_CASE_METHOD(Story, "restart: a story goes on in its wait, which counts on") {
  play(
      "s:send('x/a', 1, off)\n s:wait(2)\n s:send('x/b', 1, off)\n s:wait(10)\n"
      "s:send('x/c', 1, off)");
  tick(6s);
  CHECK(taken() == Lines{"x/a=1", "x/b=1"});
  cut_power_and_start(1h);
  CHECK(taken().empty());
  CHECK(status("riddle").position == Approx(6).margin(0.6));
  tick(5s);
  CHECK(taken().empty());
  tick(2s);
  CHECK(taken() == Lines{"x/c=1", "x/steam=OFF"});
  CHECK(run->ended == Lines{"riddle finished"});
}

TEST_CASE_METHOD(Story, "restart: a story's decisions are remembered") {
  play(
      "local msg = s:wait_for('x/lever', nil, 30)\n"
      "s:wait(5)\n"
      "s:send('x/said', msg and msg.json.word or 'nothing', off)\n"
      "local i, other = s:wait_any { { 'x/left' }, { 'x/right' } }\n"
      "s:send('x/index', i, off)\n s:wait(1)\n s:send('x/payload', other.payload, off)");
  tick(1s);
  incoming("x/lever", "{\"word\": \"sesame\"}");
  tick(1s);
  cut_power_and_start(1min);
  tick(5s);
  CHECK(taken() == Lines{"x/said=sesame"});
  incoming("x/right", "now");
  tick(500ms);
  CHECK(taken() == Lines{"x/index=2"});
  cut_power_and_start(1min);
  tick(2s);
  CHECK(taken() == Lines{"x/payload=now", "x/steam=OFF"});
}

TEST_CASE_METHOD(Story, "restart: an answer is remembered, and no question asked again") {
  const char* kStory =
      "local reply, err = s:request('x/lamp', '?')\n"
      "s:send('x/a', reply and reply.payload or err, off)\n"
      "s:wait(10)\n"
      "s:send('x/b', reply and reply.payload or err, off)";
  SECTION("answered") {
    other = "mqtt.respond('x/lamp', function() return 'ON' end)";
    play(kStory);
    tick(2s);
    CHECK(taken().back() == "x/a=ON");
    cut_power_and_start(1min);
    tick(10s);
    CHECK(taken() == Lines{"x/b=ON", "x/steam=OFF"});
  }
  SECTION("not answered") {
    play(kStory);
    tick(2s);
    cut_power_and_start(1min);
    CHECK(taken() == Lines{"x/a=the engine was started again meanwhile"});
  }
}

TEST_CASE_METHOD(Story, "restart: what a story listens for, it listens for again") {
  play(
      "if s:wait_for('x/lever', 'PULLED', 30) then s:send('x/a', 'yes', off)\n"
      "else s:send('x/a', 'no', off) end");
  tick(10s);
  cut_power_and_start(1min);
  tick(19s);
  CHECK(taken().empty());
  SECTION("and hears it") {
    incoming("x/lever", "PULLED");
    CHECK(taken() == Lines{"x/a=yes", "x/steam=OFF"});
  }
  SECTION("until its time is up") {
    tick(2s);
    CHECK(taken() == Lines{"x/a=no", "x/steam=OFF"});
  }
}

TEST_CASE_METHOD(Story, "restart: branches that go on together come back together") {
  play(
      "local n = 0\n"
      "s:together(function() s:wait(3); n = n + 1; s:wait(10); n = n + 10 end,\n"
      "           function() for i = 1, 4 do s:wait(1); n = n + 100 end; s:wait(20) end)\n"
      "s:send('x/n', n, off)");
  tick(7s);
  cut_power_and_start(1min);
  tick(16s);
  CHECK(taken().empty());
  tick(2s);
  CHECK(taken() == Lines{"x/n=411", "x/steam=OFF"});
}

TEST_CASE_METHOD(Story,
                 "restart: what waited for a device or a sound is told that it was cut off") {
  play(
      "local ok, why = s:confirm('room1/door', 'OPEN', { confirm = 60 })\n"
      "s:send('x/a', tostring(ok) .. ' ' .. tostring(why), off)\n s:wait(1)");
  tick(3s);
  taken();
  cut_power_and_start(1min);
  CHECK(taken() == Lines{"x/a=nil abandoned"});
}

TEST_CASE_METHOD(Story,
                 "restart: a sound is not played again, and one that was awaited has ended") {
  play(
      "s:start('bed.mp3')\n local ok, why = s:play('whisper.mp3')\n s:wait(2)\n"
      "ok, why = s:play('storm.mp3')\n"
      "s:send('x/a', tostring(ok) .. ' ' .. tostring(why), off)\n s:wait(1)");
  while (status("riddle").next != "the end of a wait") tick(500ms);
  tick(1s);
  cut_power_and_start(1min);
  CHECK_FALSE(run->rehearsal.media.playing("room1/audio"));
  while (status("riddle").next != "the end of storm.mp3") tick(500ms);
  tick(500ms);
  cut_power_and_start(1min);
  CHECK_FALSE(run->rehearsal.media.playing("room1/audio"));
  CHECK(taken() == Lines{"x/a=nil stopped"});
}

TEST_CASE_METHOD(Story, "restart: a paused story is paused, and what came meanwhile is told") {
  play("s:wait(2)\n s:send('x/a', 1, off)\n s:wait(5)\n s:send('x/b', 1, off)");
  tick(4s);
  taken();
  SceneControl* control = run->rehearsal.stage.control(*run->rehearsal.stage.find("riddle"));
  REQUIRE(control->pause());
  tick(1min);
  cut_power_and_start(1min);
  CHECK(status("riddle").state == SceneStatus::State::paused);
  CHECK(status("riddle").position == Approx(4));
  tick(1min);
  CHECK(taken().empty());
  control = run->rehearsal.stage.control(*run->rehearsal.stage.find("riddle"));
  REQUIRE(control->resume());
  tick(3100ms);
  CHECK(taken() == Lines{"x/b=1", "x/steam=OFF"});
}

TEST_CASE_METHOD(Story, "restart: a story that runs another script's scene goes on with it") {
  other =
      "local scene = require 'engine.scene'\n"
      "scene 'hint' { trigger = { 'x/never' }, on_restart = 'resume',\n"
      "  cues = { { 0, 'x/h', 1, confirm = false }, { 9, 'x/h', 2, confirm = false } } }\n";
  play(
      "s:wait(1)\n local ok, why = s:run 'hint'\n"
      "s:send('x/r', tostring(ok) .. ' ' .. tostring(why), off)");
  tick(5s);
  CHECK(taken() == Lines{"x/h=1"});
  SECTION("which goes on as well") {
    cut_power_and_start(1min);
    tick(7s);
    CHECK(taken() == Lines{"x/h=2", "x/r=true finished", "x/steam=OFF"});
  }
  SECTION("which is gone") {
    other.clear();
    cut_power_and_start(1min);
    tick(2s);
    CHECK(taken() == Lines{"x/r=nil stopped", "x/steam=OFF"});
  }
}

TEST_CASE_METHOD(Story, "restart: a story that is too long to be kept says so, and is stopped") {
  play("for i = 1, 10100 do s:wait(0.01) end\n s:wait(60)");
  tick(110s);
  taken();
  cut_power_and_start(1min);
  CHECK(taken() == Lines{"x/steam=OFF"});
  CHECK(logged("stopped (the story is longer than 10000 steps)"));
}

TEST_CASE_METHOD(Story, "restart: a story that a save has started again goes on from there") {
  const auto text_with = [](const std::string& word) {
    return "local scene = require 'engine.scene'\n"
           "scene 'riddle' { trigger = { 'x/go' }, on_restart = 'resume', on_reload = 'restart',\n"
           "story = function(s) s:wait(2); s:send('x/" +
           word +
           "', 1, { confirm = false }); s:wait(10); s:send('x/end', 1, { confirm = false }) end }";
  };
  script = text_with("a");
  start();
  REQUIRE(go("riddle"));
  tick(5s);
  script = text_with("b");
  run->rehearsal.host.file_changed(folder.write("show.lua", script).string());
  tick(1s);
  CHECK(taken() == Lines{"x/a=1"});
  cut_power_and_start(1min);
  tick(2s);
  CHECK(taken() == Lines{"x/b=1"});
}

TEST_CASE_METHOD(Story, "restart: what it logged on its way is not logged again") {
  play("s:log 'once'\n s:wait(2)\n s:log 'twice'\n s:wait(10)");
  tick(5s);
  cut_power_and_start(1min);
  CHECK_FALSE(logged("once"));
  CHECK_FALSE(logged("twice"));
}

TEST_CASE_METHOD(Story, "restart: a story that has changed is stopped, and it is said why") {
  play("s:wait(2)\n s:send('x/b', 1, off)\n s:wait(10)\n s:send('x/c', 1, off)");
  tick(6s);
  script = text("s:wait_for('x/lever')\n s:wait(10)\n s:send('x/c', 1, off)");
  cut_power_and_start(1min);
  CHECK(taken() == Lines{"x/steam=OFF"});
  CHECK(run->ended == Lines{"riddle stopped"});
  CHECK(logged("the story has changed: where it had 'wait', it now has 'x/lever'"));
}

TEST_CASE_METHOD(Story, "restart: a story that fails on its way back is stopped") {
  play("s:wait(2)\n s:wait(10)");
  tick(6s);
  script = text("s:wait(2)\n error('broken')");
  cut_power_and_start(1min);
  CHECK(taken() == Lines{"x/steam=OFF"});
  CHECK(run->ended == Lines{"riddle failed"});
}

TEST_CASE_METHOD(Story,
                 "restart: a story by default is stopped, or starts again if it asks for it") {
  SECTION("stop") {
    play("s:send('x/a', 1, off)\n s:wait(10)", "stop");
    tick(3s);
    cut_power_and_start(1min);
    CHECK(taken() == Lines{"x/steam=OFF"});
  }
  SECTION("restart") {
    play("s:send('x/a', 1, off)\n s:wait(10)", "restart");
    tick(3s);
    cut_power_and_start(1min);
    CHECK(taken() == Lines{"x/a=1"});
  }
  SECTION("rejoin") {
    play("s:send('x/a', 1, off)\n s:wait(10)\n s:send('x/b', 1, off)\n s:wait(100)", "rejoin");
    tick(3s);
    cut_power_and_start(1min);
    tick(0s);
    CHECK(taken() == Lines{"x/b=1"});
  }
}

TEST_CASE_METHOD(Story, "restart: how a command was sent is remembered where it matters") {
  play("local how = s:send('x/audio', 'VOLUME:loud')\n s:wait(2)\n s:send('x/how', how, off)");
  tick(1s);
  taken();
  cut_power_and_start(1min);
  tick(2s);
  CHECK(taken() == Lines{"x/how=failed", "x/steam=OFF"});
}

TEST_CASE_METHOD(Story, "restart: what was promised by a scene within the story is kept as well") {
  script = text("s:run 'hint'", "stop") +
           "scene 'hint' { trigger = { 'x/never' }, cues = { { 50, 'x/h', 1, confirm = false } },\n"
           "  on_stop = { { 'x/hint', 'OFF', confirm = false } } }\n";
  start();
  REQUIRE(go("riddle"));
  tick(3s);
  taken();
  cut_power_and_start(1min);
  CHECK(taken() == Lines{"x/hint=OFF", "x/steam=OFF"});
}

TEST_CASE_METHOD(RestartFixture, "restart: a state machine goes on in its state") {
  script =
      "local machine = require 'engine.state_machine'\n"
      "machine 'm' { initial = 'dark', trigger = { 'x/go' }, on_restart = 'resume', states = {\n"
      "  dark = { on_enter = { { 'x/dark', 1, confirm = false } },\n"
      "    timeline = { { 1, 'x/d1', 1, confirm = false }, { 6, 'x/d6', 1, confirm = false } },\n"
      "    transitions = { { timeout = 10, to = 'light' } } },\n"
      "  light = { on_enter = { { 'x/light', 1, confirm = false } },\n"
      "    transitions = { { message = { 'x/off', 'NOW' }, to = 'END' } } } } }\n";
  start();
  REQUIRE(go("m"));
  tick(4s);
  CHECK(taken() == Lines{"x/dark=1", "x/d1=1"});
  cut_power_and_start(1min);
  tick(3s);
  CHECK(taken() == Lines{"x/d6=1"});
  tick(4s);
  CHECK(taken() == Lines{"x/light=1"});
  cut_power_and_start(1min);
  tick(1s);
  CHECK(taken().empty());
  incoming("x/off", "NOW");
  CHECK(run->ended == Lines{"m finished"});
}

TEST_CASE_METHOD(RestartFixture,
                 "restart: a state machine does not wait for a sound that was cut off") {
  script =
      "local machine = require 'engine.state_machine'\n"
      "machine 'm' { initial = 'talks', room = 'room1', trigger = { 'x/go' },\n"
      "  on_restart = 'resume', states = {\n"
      "  talks = { on_enter = { { 'room1/audio', 'PLAY:a.mp3' } },\n"
      "    transitions = { { audio_end = 'a.mp3', to = 'after' } } },\n"
      "  after = { on_enter = { { 'x/after', 1, confirm = false } } } } }\n";
  start();
  REQUIRE(go("m"));
  tick(500ms);
  CHECK(run->rehearsal.media.playing("room1/audio"));
  cut_power_and_start(1min);
  tick(100ms);
  CHECK(taken() == Lines{"x/after=1"});
}

TEST_CASE_METHOD(RestartFixture, "restart: on_restart is checked") {
  start();
  const auto loaded = run->rehearsal.host.add(
      folder.write("bad.lua", Sheet::text("on_restart = 'later'")).string());
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().message.find("on_restart: \"resume\", \"rejoin\", \"restart\" or \"stop\" "
                                    "expected, got later") != std::string::npos);
}
