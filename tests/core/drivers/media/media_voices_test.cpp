#include "core/drivers/media/media_voices.h"

#include "tests/core/drivers/media/fake_player.h"
#include "tests/core/drivers/media/temporary_folder.h"
#include "tests/support/captured_logs.h"
#include "tests/support/catch.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

using Files = std::vector<std::string>;

struct Fixture {
  VirtualClock clock;
  Timers timers{clock};
  CapturedLogs logs;
  TemporaryFolder folder;
  MediaFiles files{{folder.path()}};
  FakePlayers sound;
  FakePlayers screen;
  Signal<const MediaEnd&> on_end;
  Files ends;  // `room1/audio a.wav finished`
  MediaVoices voices{timers,        logs.logs().get("media"), files, {},
                     sound.start(), screen.start(),           on_end};

  Fixture() {
    for (const char* name : {"a.wav", "b.mp3", "c.ogg", "x.mp4", "y.mp4"}) folder.add(name);
    for (int i = 0; i < 10; ++i) folder.add("sfx_" + std::to_string(i) + ".wav");
    on_end.connect([this](const MediaEnd& end) {
      static constexpr const char* kNames[] = {"finished", "stopped", "failed"};
      ends.push_back(end.topic + " " + end.file + " " + kNames[static_cast<int>(end.reason)]);
    });
  }
  void command(const std::string& topic, const std::string& payload) {
    const auto result = voices.command(topic, payload);
    INFO(topic << " " << payload << ": " << (result ? "" : result.error().message));
    REQUIRE(result);
  }
  std::string error(const std::string& topic, const std::string& payload) {
    const auto result = voices.command(topic, payload);
    return result ? "no error" : result.error().message;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "media: a sound plays to its end, at the default volume") {
  command("room1/audio", "a.wav");
  CHECK(voices.playing("room1/audio"));
  CHECK_FALSE(voices.playing("room2/audio"));
  CHECK(sound.at(0).log == "play a.wav 0.70;");
  sound.finish("a.wav");
  CHECK(ends == Files{"room1/audio a.wav finished"});
  CHECK_FALSE(voices.playing("room1/audio"));
  CHECK(logs.has("[INFO] media - room1/audio: playing a.wav (volume 0.7)"));
  CHECK(logs.has("[INFO] media - room1/audio: a.wav has ended"));
}

TEST_CASE_METHOD(Fixture, "media: PLAY_<NAME> plays and ends under the name of the file") {
  command("room1/audio", "PLAY_B");
  sound.finish("b.mp3");
  CHECK(ends == Files{"room1/audio b.mp3 finished"});
}

TEST_CASE_METHOD(Fixture, "media: a new sound replaces that of its topic, on the same player") {
  command("room1/audio", "a.wav");
  command("room1/audio", "PLAY:b.mp3:0.5");
  CHECK(ends == Files{"room1/audio a.wav stopped"});
  CHECK(sound.at(0).log == "play a.wav 0.70;play b.mp3 0.50;");
  CHECK(sound.started() == 1);
}

TEST_CASE_METHOD(Fixture, "media: topics do not disturb each other's sound") {
  command("room1/audio", "a.wav");
  command("room2/audio", "b.mp3");
  CHECK(sound.playing() == Files{"a.wav", "b.mp3"});
  command("room1/audio", "STOP");
  CHECK(ends == Files{"room1/audio a.wav stopped"});
  CHECK(voices.playing("room2/audio"));
}

TEST_CASE_METHOD(Fixture, "media: sound effects mix with the stream and one another") {
  command("room1/audio", "a.wav");
  command("room1/audio", "sfx_0.wav");
  command("room1/audio", "sfx_1.wav");
  command("room1/audio", "PLAY:sfx_1.wav:1");
  CHECK(sound.playing() == Files{"a.wav", "sfx_0.wav", "sfx_1.wav", "sfx_1.wav"});
  CHECK(ends.empty());
  sound.finish("sfx_0.wav");
  CHECK(ends == Files{"room1/audio sfx_0.wav finished"});
  command("room1/audio", "STOP");
  CHECK(ends.size() == 4);
  CHECK(sound.playing().empty());
}

TEST_CASE_METHOD(Fixture, "media: one sound effect too many ends the oldest") {
  for (int i = 0; i < 8; ++i) command("room1/audio", "sfx_" + std::to_string(i) + ".wav");
  CHECK(ends.empty());
  command("room2/audio", "sfx_8.wav");
  CHECK(ends == Files{"room1/audio sfx_0.wav stopped"});
  CHECK(sound.playing().size() == 8);
}

TEST_CASE_METHOD(Fixture, "media: a sound on one topic too many is refused") {
  for (int i = 0; i < 16; ++i) command("room" + std::to_string(i) + "/audio", "a.wav");
  CHECK(error("room16/audio", "b.mp3") ==
        "\"b.mp3\": sound is played on 16 topics already, the most there can be");
  command("room15/audio", "b.mp3");
  CHECK(sound.started() == 16);
}

TEST_CASE_METHOD(Fixture, "media: STOP:<file> stops that file only, and nothing else is an error") {
  command("room1/audio", "a.wav");
  command("room1/audio", "sfx_0.wav");
  command("room1/audio", "STOP:sfx_0.wav");
  CHECK(ends == Files{"room1/audio sfx_0.wav stopped"});
  command("room1/audio", "STOP:never.wav");
  command("room2/audio", "STOP");
  command("room2/audio", "PAUSE");
  CHECK(voices.playing("room1/audio"));
}

TEST_CASE_METHOD(Fixture,
                 "media: PAUSE and RESUME are for all of the topic, VOLUME for its stream") {
  command("room1/audio", "a.wav");
  command("room1/audio", "sfx_0.wav");
  command("room2/audio", "b.mp3");
  command("room1/audio", "PAUSE");
  command("room1/audio", "VOLUME:0.25");
  command("room1/audio", "SEEK:2");
  command("room1/audio", "RESUME");
  CHECK(sound.with("a.wav").log == "play a.wav 0.70;pause;volume 0.25;seek 2.00;resume;");
  CHECK(sound.with("sfx_0.wav").log == "play sfx_0.wav 0.70;pause;resume;");
  CHECK(sound.with("b.mp3").log == "play b.mp3 0.70;");
}

TEST_CASE_METHOD(Fixture, "media: there is one screen") {
  command("room1/video", "PLAY_VIDEO:x.mp4");
  CHECK(screen.at(0).log == "play x.mp4 1.00;");
  command("room2/video", "y.mp4");
  CHECK(ends == Files{"room1/video x.mp4 stopped"});
  CHECK(screen.playing() == Files{"y.mp4"});
  command("room2/video", "STOP_VIDEO");
  CHECK(screen.playing().empty());
  CHECK(screen.started() == 1);
}

TEST_CASE_METHOD(Fixture, "media: a missing file is an error, and what plays goes on") {
  command("room1/audio", "a.wav");
  CHECK(error("room1/audio", "aa.wav") ==
        "\"aa.wav\" is not in " + folder.path().string() + "; did you mean \"a.wav\"?");
  CHECK(ends.empty());
  CHECK(sound.playing() == Files{"a.wav"});
}

TEST_CASE_METHOD(Fixture, "media: a file that cannot be played ends as failed, and says why") {
  command("room1/audio", "a.wav");
  sound.break_off("a.wav", "unrecognized file format");
  CHECK(ends == Files{"room1/audio a.wav failed"});
  CHECK(logs.has("[WARNING] media - room1/audio: a.wav failed: unrecognized file format"));
}

TEST_CASE_METHOD(Fixture,
                 "media: what plays when its player dies ends as failed; the next command works") {
  command("room1/audio", "a.wav");
  sound.die(0);
  CHECK(ends == Files{"room1/audio a.wav failed"});
  command("room1/audio", "b.mp3");
  CHECK(sound.playing() == Files{"b.mp3"});
}

TEST_CASE_METHOD(Fixture, "media: dead players of video do not silence the sound") {
  for (int i = 0; i < 4; ++i) {
    command("room1/video", "x.mp4");
    screen.die(screen.started() - 1);
  }
  CHECK(error("room1/video", "x.mp4").find("died 4 times") != std::string::npos);
  command("room1/audio", "a.wav");
}

TEST_CASE_METHOD(Fixture, "media: a player that cannot be started is the command's error") {
  sound.refusal = "mpv is not installed: apt-get install mpv";
  CHECK(error("room1/audio", "a.wav") == "mpv is not installed: apt-get install mpv");
  CHECK_FALSE(voices.playing("room1/audio"));
  CHECK(ends.empty());
}

TEST_CASE_METHOD(Fixture, "media: an end is told before the file that replaces it begins") {
  on_end.connect([this](const MediaEnd&) { ends.push_back(sound.at(0).log); });
  command("room1/audio", "a.wav");
  command("room1/audio", "b.mp3");
  CHECK(ends == Files{"room1/audio a.wav stopped", "play a.wav 0.70;"});
}

TEST_CASE_METHOD(Fixture, "media: a listener may play the next file") {
  on_end.connect([this](const MediaEnd& end) {
    if (end.file == "a.wav") command("room1/audio", "b.mp3");
  });
  command("room1/audio", "a.wav");
  SECTION("at the end of one") {
    sound.finish("a.wav");
    CHECK(sound.playing() == Files{"b.mp3"});
  }
  SECTION("when one is stopped") {
    command("room1/audio", "STOP");
    CHECK(sound.playing() == Files{"b.mp3"});
  }
  SECTION("when one is replaced, but the command that replaces it has the last word") {
    command("room1/audio", "c.ogg");
    CHECK(ends == Files{"room1/audio a.wav stopped", "room1/audio b.mp3 stopped"});
    CHECK(sound.playing() == Files{"c.ogg"});
  }
}

TEST_CASE_METHOD(Fixture, "media: listeners that always play again are stopped, not the program") {
  SECTION("on the same topic") {
    on_end.connect([&](const MediaEnd& end) { voices.command("room1/audio", end.file); });
    command("room1/audio", "a.wav");
    CHECK(error("room1/audio", "b.mp3") ==
          "\"b.mp3\": commands that answer the end of a file run in a circle");
    CHECK_FALSE(sound.playing() == Files{"b.mp3"});
  }
  SECTION("on two topics in turn") {
    command("room1/audio", "a.wav");
    command("room2/audio", "a.wav");
    on_end.connect([&](const MediaEnd& end) {
      voices.command(end.topic == "room1/audio" ? "room2/audio" : "room1/audio", "b.mp3");
    });
    CHECK(error("room1/audio", "c.ogg").find("run in a circle") != std::string::npos);
  }
  // Every file but those that play has had its end.
  CHECK(logs.count("playing ") == ends.size() + sound.playing().size());
}

TEST_CASE_METHOD(Fixture, "media: other topics are refused") {
  CHECK(error("room1/light", "ON") ==
        "\"room1/light\" is not played here: its last level is neither audio nor video");
  CHECK(is_audio_topic("room1/audio"));
  CHECK_FALSE(is_audio_topic("room1/audio/level"));
  CHECK(is_video_topic("museum/room1/video"));
}
