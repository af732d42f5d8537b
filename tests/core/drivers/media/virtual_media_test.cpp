#include "core/drivers/media/virtual_media.h"

#include "tests/core/drivers/media/temporary_folder.h"
#include "tests/support/captured_logs.h"
#include "tests/support/catch.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  VirtualClock clock;
  Timers timers{clock};
  CapturedLogs logs;
  VirtualMedia media{timers, logs, {.durations = {{"long.mp3", 60s}, {"hello.ogg", 1s}}}};
  std::vector<std::string> ends;

  Fixture() {
    media.on_end.connect([this](const MediaEnd& end) {
      if (end.reason == MediaEnd::Reason::finished) ends.push_back(end.file);
    });
  }
  void command(const std::string& payload) { REQUIRE(media.command("room1/audio", payload)); }
  void tick(Duration by) { advance(clock, timers, by); }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "virtual media: a file ends after its time") {
  command("long.mp3");
  tick(60s - 1ms);
  CHECK(media.playing("room1/audio"));
  tick(1ms);
  CHECK(ends == std::vector<std::string>{"long.mp3"});
  command("other.wav");
  tick(3s);
  CHECK(ends.back() == "other.wav");
}

TEST_CASE_METHOD(Fixture, "virtual media: a pause holds the end back") {
  command("long.mp3");
  tick(50s);
  command("PAUSE");
  tick(1h);
  CHECK(ends.empty());
  command("RESUME");
  tick(9s);
  CHECK(ends.empty());
  tick(1s);
  CHECK(ends.size() == 1);
}

TEST_CASE_METHOD(Fixture, "virtual media: SEEK moves the end, also while paused") {
  command("long.mp3");
  command("SEEK:50");
  tick(10s);
  CHECK(ends.size() == 1);
  command("long.mp3");
  command("PAUSE");
  command("SEEK:55");
  tick(1h);
  command("RESUME");
  tick(5s);
  CHECK(ends.size() == 2);
  command("long.mp3");
  command("SEEK:500");
  tick(0s);
  CHECK(ends.size() == 3);
}

TEST_CASE_METHOD(Fixture, "virtual media: a stopped or replaced file does not finish") {
  command("long.mp3");
  command("STOP");
  command("long.mp3");
  tick(30s);
  command("hello.ogg");
  tick(2h);
  CHECK(ends == std::vector<std::string>{"hello.ogg"});
  CHECK(timers.size() == 0);
}

TEST_CASE_METHOD(Fixture,
                 "virtual media: PLAY_<NAME> means a file with a duration, if there is one") {
  command("PLAY_HELLO");
  tick(1s);
  CHECK(ends == std::vector<std::string>{"hello.ogg"});
}

TEST_CASE("virtual media: with folders, files must exist") {
  VirtualClock clock;
  Timers timers{clock};
  CapturedLogs logs;
  TemporaryFolder folder;
  folder.add("halls/here.mp3");
  VirtualMedia media(timers, logs, {.folders = {folder.path()}, .durations = {{"here.mp3", 7s}}});
  CHECK_FALSE(media.command("room1/audio", "gone.mp3"));
  CHECK(media.command("room1/audio", "halls/here.mp3"));
  advance(clock, timers, 6s);
  CHECK(media.playing("room1/audio"));
  advance(clock, timers, 1s);
  CHECK_FALSE(media.playing("room1/audio"));
}
