#include "core/drivers/media/mpv_media.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <fstream>
#include <set>

#include "core/base/loop.h"
#include "tests/core/drivers/media/media_samples.h"
#include "tests/core/drivers/media/temporary_folder.h"
#include "tests/support/captured_logs.h"
#include "tests/support/catch.h"

// Against the real mpv, with no sound and no picture.

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

using Ends = std::vector<std::string>;

// The mpv processes that are children of this one.
std::vector<int> mpv_children() {
  std::vector<int> pids;
  std::ifstream children("/proc/self/task/" + std::to_string(::getpid()) + "/children");
  for (int pid; children >> pid;) {
    std::string name;
    std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/comm") >> std::ws, name);
    if (name == "mpv") pids.push_back(pid);
  }
  return pids;
}

// Stops a process, and waits until all its threads stand still: a signal alone comes too late for
// one that is just answering.
void suspend(int pid) {
  ::kill(pid, SIGSTOP);
  const auto stands = [](const std::filesystem::path& task) {
    std::string stat;
    std::getline(std::ifstream(task / "stat"), stat);
    if (stat.empty()) return true;  // It has ended.
    return stat.at(stat.rfind(')') + 2) == 'T';
  };
  const std::filesystem::directory_iterator tasks("/proc/" + std::to_string(pid) + "/task");
  for (const auto& task : tasks) {
    while (!stands(task.path())) ::usleep(1000);
  }
}

struct Fixture {
  SystemClock clock;
  CapturedLogs logs;
  TemporaryFolder folder;
  boost::asio::io_context io;
  Timers timers{clock};
  MpvMedia media{io, timers, logs, options()};
  Ends ends;

  Fixture() {
    folder.add("short.wav", silent_wav(300ms));
    folder.add("long.wav", silent_wav(60s));
    folder.add("sfx_a.wav", silent_wav(300ms));
    folder.add("sfx_b.wav", silent_wav(400ms));
    folder.add("text.wav", "this is no sound");
    folder.add("text.mp4", "this is no picture");
    media.on_end.connect([this](const MediaEnd& end) {
      static constexpr const char* kNames[] = {"finished", "stopped", "failed"};
      ends.push_back(end.file + " " + kNames[static_cast<int>(end.reason)]);
    });
  }

  MediaOptions options() {
    return {.folders = {folder.path()}, .audio_output = "null", .video_output = "null"};
  }

  template <typename Condition>
  bool run_until(Condition condition, Duration deadline = 20s) {
    const SteadyTime end = clock.now() + deadline;
    while (!condition() && clock.now() < end) {
      timers.run_due();
      if (io.stopped()) io.restart();
      io.run_one_for(2ms);
    }
    return condition();
  }
  void run_for(Duration duration) {
    run_until([] { return false; }, duration);
  }
  void command(const std::string& payload, const std::string& topic = "room1/audio") {
    const auto result = media.command(topic, payload);
    INFO(payload << ": " << (result ? "" : result.error().message));
    REQUIRE(result);
  }
  bool ended(size_t count) {
    return run_until([&] { return ends.size() >= count; });
  }
  // Plays a short file to its end, so that a player is up and idle.
  void warm_up() {
    command("short.wav");
    REQUIRE(ended(1));
    ends.clear();
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "mpv plays a sound for its whole length", "[mpv]") {
  warm_up();
  run_for(400ms);  // mpv would be busy with a rest that still sounds.
  const SteadyTime begin = clock.now();
  command("short.wav");
  CHECK(media.playing("room1/audio"));
  REQUIRE(ended(1));
  CHECK(ends == Ends{"short.wav finished"});
  CHECK(clock.now() - begin >= 280ms);
  CHECK_FALSE(media.playing("room1/audio"));
  CHECK(mpv_children().size() == 1);
}

TEST_CASE_METHOD(Fixture, "mpv that was prepared serves the first command", "[mpv]") {
  media.prepare();
  CHECK(mpv_children().size() == 3);  // Sound, a sound effect, and video.
  command("long.wav");
  command("sfx_a.wav");
  REQUIRE(ended(1));
  CHECK(ends == Ends{"sfx_a.wav finished"});
  CHECK(mpv_children().size() == 3);
}

TEST_CASE_METHOD(Fixture, "mpv stops a sound when told, and plays the next", "[mpv]") {
  command("long.wav");
  command("STOP");
  CHECK(ends == Ends{"long.wav stopped"});
  command("long.wav");
  run_for(100ms);
  command("STOP");
  command("short.wav");
  REQUIRE(ended(3));
  CHECK(ends == Ends{"long.wav stopped", "long.wav stopped", "short.wav finished"});
}

TEST_CASE_METHOD(Fixture, "mpv replaces a sound by the next, loaded already or not", "[mpv]") {
  command("long.wav");
  command("short.wav");
  REQUIRE(ended(2));
  command("long.wav");
  run_for(300ms);
  command("short.wav");
  REQUIRE(ended(4));
  CHECK(ends ==
        Ends{"long.wav stopped", "short.wav finished", "long.wav stopped", "short.wav finished"});
  CHECK(mpv_children().size() == 1);
}

TEST_CASE_METHOD(Fixture, "mpv's word on a file that is no sound", "[mpv]") {
  command("text.wav");
  REQUIRE(ended(1));
  CHECK(ends == Ends{"text.wav failed"});
  CHECK(logs.has("text.wav failed: unrecognized file format"));
  command("short.wav");
  REQUIRE(ended(2));
  CHECK(ends.back() == "short.wav finished");
}

TEST_CASE_METHOD(Fixture, "a missing file needs no mpv", "[mpv]") {
  CHECK(media.command("room1/audio", "thunder.wav").error().message ==
        "\"thunder.wav\" is not in " + folder.path().string());
  CHECK(mpv_children().empty());
}

TEST_CASE_METHOD(Fixture, "what plays when mpv is killed fails, and the next command works",
                 "[mpv]") {
  warm_up();
  command("long.wav");
  run_for(50ms);
  ::kill(mpv_children().at(0), SIGKILL);
  REQUIRE(ended(1));
  CHECK(ends == Ends{"long.wav failed"});
  CHECK(logs.has("long.wav failed: was killed by signal 9"));
  command("short.wav");
  REQUIRE(ended(2));
  CHECK(ends.back() == "short.wav finished");
}

TEST_CASE_METHOD(Fixture, "mpv that is killed again and again is left alone", "[mpv]") {
  command("long.wav");
  std::set<int> killed;
  const auto fresh = [&] {
    const auto pids = mpv_children();
    return !pids.empty() && !killed.contains(pids[0]);
  };
  for (int i = 0; i < 4; ++i) {
    REQUIRE(run_until(fresh));
    killed.insert(mpv_children()[0]);
    ::kill(mpv_children()[0], SIGKILL);
  }
  REQUIRE(run_until([&] { return logs.has("died 4 times"); }));
  CHECK(ends == Ends{"long.wav failed"});
  const auto result = media.command("room1/audio", "short.wav");
  REQUIRE_FALSE(result);
  CHECK(result.error().message.find("died 4 times within 60 s (at last: was killed by signal 9)") !=
        std::string::npos);
  CHECK(mpv_children().empty());
}

TEST_CASE_METHOD(Fixture, "mpv that hangs is replaced", "[mpv]") {
  VirtualClock virtual_clock;
  Timers virtual_timers{virtual_clock};
  MpvMedia hanging(io, virtual_timers, logs, options());
  const auto run_until_has = [&](const std::string& line) {
    return run_until([&] {
      advance(virtual_clock, virtual_timers, 1ms);
      return logs.has(line);
    });
  };
  REQUIRE(hanging.command("room1/audio", "short.wav"));
  REQUIRE(run_until_has("short.wav has ended"));
  const auto first = mpv_children();
  suspend(first.at(0));
  REQUIRE(hanging.command("room1/audio", "long.wav"));
  run_for(50ms);
  advance(virtual_clock, virtual_timers, 4900ms);
  CHECK(hanging.playing("room1/audio"));
  advance(virtual_clock, virtual_timers, 200ms);
  CHECK(logs.has("long.wav failed: did not answer within 5 s"));
  CHECK(mpv_children().size() == 1);
  CHECK(mpv_children() != first);
  REQUIRE(hanging.command("room1/audio", "sfx_a.wav"));
  CHECK(run_until_has("sfx_a.wav has ended"));
}

TEST_CASE_METHOD(Fixture, "a pause holds the end back", "[mpv]") {
  warm_up();
  command("short.wav");
  command("PAUSE");
  run_for(800ms);
  CHECK(ends.empty());
  CHECK(media.playing("room1/audio"));
  command("RESUME");
  REQUIRE(ended(1));
  CHECK(ends == Ends{"short.wav finished"});
}

TEST_CASE_METHOD(Fixture, "a new file plays although the one before was paused", "[mpv]") {
  command("long.wav");
  command("PAUSE");
  command("short.wav");
  REQUIRE(ended(2));
  CHECK(ends.back() == "short.wav finished");
}

TEST_CASE_METHOD(Fixture, "SEEK works at once and later", "[mpv]") {
  command("long.wav");
  command("SEEK:59.8");
  REQUIRE(ended(1));
  command("long.wav");
  run_for(300ms);
  command("SEEK:59.8");
  command("VOLUME:0.2");
  REQUIRE(ended(2));
  CHECK(ends == Ends{"long.wav finished", "long.wav finished"});
}

TEST_CASE_METHOD(Fixture, "sound effects sound together, each by an mpv of its own", "[mpv]") {
  command("long.wav");
  command("sfx_a.wav");
  command("sfx_b.wav");
  CHECK(mpv_children().size() == 3);
  REQUIRE(ended(2));
  std::sort(ends.begin(), ends.end());
  CHECK(ends == Ends{"sfx_a.wav finished", "sfx_b.wav finished"});
  CHECK(media.playing("room1/audio"));
}

TEST_CASE_METHOD(Fixture, "video plays, stops, and leaves its player for the next", "[mpv]") {
  folder.add("clip.mp4", grey_clip(8));
  const std::string topic = "room1/video";
  command("PLAY_VIDEO:clip.mp4", topic);
  REQUIRE(ended(1));
  command("PLAY_VIDEO:clip.mp4", topic);
  run_for(50ms);
  command("STOP_VIDEO", topic);
  command("clip.mp4", topic);
  REQUIRE(ended(3));
  CHECK(ends == Ends{"clip.mp4 finished", "clip.mp4 stopped", "clip.mp4 finished"});
  CHECK(mpv_children().size() == 1);
}

TEST_CASE("mpv and the folder of its sockets are gone with the media", "[mpv]") {
  const TemporaryFolder runtime;
  const char* found = ::getenv("XDG_RUNTIME_DIR");
  const std::string before = found ? found : "";
  ::setenv("XDG_RUNTIME_DIR", runtime.path().c_str(), 1);
  {
    Fixture fixture;
    fixture.media.prepare();
    fixture.command("long.wav");
    CHECK(mpv_children().size() == 3);
    const std::filesystem::directory_iterator folder(runtime.path());
    REQUIRE(folder != std::filesystem::directory_iterator());
    CHECK(folder->status().permissions() == std::filesystem::perms::owner_all);
    fixture.run_for(100ms);
  }
  CHECK(mpv_children().empty());
  CHECK(std::filesystem::is_empty(runtime.path()));
  found ? ::setenv("XDG_RUNTIME_DIR", before.c_str(), 1) : ::unsetenv("XDG_RUNTIME_DIR");
}

TEST_CASE_METHOD(Fixture, "mpv is started ahead only for what there are files of", "[mpv]") {
  const TemporaryFolder other;
  MpvMedia silent(io, timers, logs, {.folders = {other.path()}, .audio_output = "null"});
  silent.prepare();
  CHECK(mpv_children().empty());
  CHECK_FALSE(logs.has("there is no display"));
  other.add("a.mp3", "");
  silent.prepare();
  CHECK(mpv_children().size() == 1);
}

TEST_CASE_METHOD(Fixture, "an output that mpv does not have fails the file", "[mpv]") {
  MpvMedia wrong(io, timers, logs, {.folders = {folder.path()}, .audio_output = "gramophone"});
  REQUIRE(wrong.command("room1/audio", "short.wav"));
  CHECK(run_until([&] {
    return logs.has("room1/audio: short.wav failed: audio output initialization failed") &&
           logs.has("Audio output gramophone not found!");
  }));
}

TEST_CASE_METHOD(Fixture, "a player that ends at once is not started for ever", "[mpv]") {
  folder.add("player", "#!/bin/sh\necho no screen here\nexit 3\n");
  std::filesystem::permissions(folder.path() / "player", std::filesystem::perms::owner_all);
  MpvMedia broken(io, timers, logs,
                  {.folders = {folder.path()}, .player = folder.path() / "player"});
  broken.prepare();
  REQUIRE(run_until([&] { return logs.count("died 4 times") == 2; }));  // For sound, and for video.
  CHECK(broken.command("room1/audio", "short.wav")
            .error()
            .message.find(
                "died 4 times within 60 s (at last: ended with status 3 (no screen here))") !=
        std::string::npos);
}

TEST_CASE_METHOD(Fixture, "a player that is not installed is each command's error, and one warning",
                 "[mpv]") {
  MpvMedia missing(io, timers, logs, {.folders = {folder.path()}, .player = "no-such-player"});
  missing.prepare();
  for (int i = 0; i < 2; ++i) {
    CHECK(missing.command("room1/audio", "short.wav").error().message ==
          "no-such-player is not installed");
  }
  CHECK(missing.command("room1/audio", "STOP"));
  CHECK(logs.count("no-such-player is not installed") == 1);
}

TEST_CASE_METHOD(Fixture, "video that is switched off is refused", "[mpv]") {
  MpvMedia off(io, timers, logs, {.folders = {folder.path()}, .video_output = "off"});
  CHECK(off.command("room1/video", "a.mp4").error().message ==
        "\"a.mp4\": the video output is \"off\"");
}
