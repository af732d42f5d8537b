#include "core/drivers/media/media_command.h"

#include "tests/support/catch.h"

using namespace engine;

namespace {

template <typename Command>
Command parse(MediaKind kind, const std::string& payload) {
  const auto command = parse_media_command(kind, payload);
  INFO(payload << ": " << (command ? "" : command.error().message));
  REQUIRE(command);
  REQUIRE(std::holds_alternative<Command>(*command));
  return std::get<Command>(*command);
}
template <typename Command>
Command audio(const std::string& payload) {
  return parse<Command>(MediaKind::audio, payload);
}
template <typename Command>
Command video(const std::string& payload) {
  return parse<Command>(MediaKind::video, payload);
}

std::string error(MediaKind kind, const std::string& payload) {
  const auto command = parse_media_command(kind, payload);
  return command ? "no error" : command.error().message;
}
std::string audio_error(const std::string& payload) { return error(MediaKind::audio, payload); }
std::string video_error(const std::string& payload) { return error(MediaKind::video, payload); }

}  // namespace

TEST_CASE(
    "media command: a sound is played by PLAY with or without a volume, or by its name alone") {
  CHECK(audio<PlayFile>("PLAY:welcome.mp3:0.4").file == "welcome.mp3");
  CHECK(audio<PlayFile>("PLAY:welcome.mp3:0.4").volume == 0.4);
  CHECK(audio<PlayFile>("PLAY:welcome.mp3").file == "welcome.mp3");
  CHECK_FALSE(audio<PlayFile>("PLAY:welcome.mp3").volume);
  CHECK(audio<PlayFile>("sound1.mp3").file == "sound1.mp3");
  CHECK(audio<PlayFile>("Halls/SOUND1.MP3").file == "Halls/SOUND1.MP3");
  CHECK(audio<PlayFile>(" bg.ogg\n").file == "bg.ogg");
}

TEST_CASE("media command: a colon in a sound's name is no volume") {
  CHECK(audio<PlayFile>("PLAY:part 1: the hall.wav").file == "part 1: the hall.wav");
  CHECK(audio<PlayFile>("PLAY:part 1: the hall.wav:1").volume == 1.0);
}

TEST_CASE("media command: PLAY_<NAME> is looked up in lower case") {
  CHECK(audio<PlayByName>("PLAY_WELCOME").name == "welcome");
  CHECK(audio<PlayByName>("PLAY_Sfx_Thunder").name == "sfx_thunder");
}

TEST_CASE("media command: a video is played by PLAY_VIDEO, split at the first colon only") {
  CHECK(video<PlayFile>("PLAY_VIDEO:ghost2.mp4").file == "ghost2.mp4");
  CHECK(video<PlayFile>("PLAY_VIDEO:act 2: the ghost.mp4").file == "act 2: the ghost.mp4");
  CHECK(video<PlayFile>("video1.webm").file == "video1.webm");
}

TEST_CASE("media command: the words that steer what plays") {
  CHECK(audio<StopPlaying>("STOP").file.empty());
  CHECK(audio<StopPlaying>("STOP:bg.mp3").file == "bg.mp3");
  CHECK(video<StopPlaying>("STOP_VIDEO").file.empty());
  CHECK(video<StopPlaying>("STOP").file.empty());
  audio<PausePlaying>("PAUSE");
  video<PausePlaying>("PAUSE");
  audio<ResumePlaying>("RESUME");
  CHECK(audio<SetVolume>("VOLUME:0.25").volume == 0.25);
  CHECK(video<SeekTo>("SEEK:12.5").seconds == 12.5);
}

TEST_CASE("media command: volumes are clamped to 0..1") {
  CHECK(audio<SetVolume>("VOLUME:3").volume == 1.0);
  CHECK(audio<SetVolume>("VOLUME:-1").volume == 0.0);
  CHECK(audio<PlayFile>("PLAY:bg.mp3:80").volume == 1.0);
}

TEST_CASE("media command: a number that is none is refused with the payload and the rule") {
  CHECK(audio_error("VOLUME:loud") ==
        "\"VOLUME:loud\": \"loud\" is not a volume (a number from 0 to 1)");
  CHECK(audio_error("PLAY:bg.mp3:") ==
        "\"PLAY:bg.mp3:\": \"\" is not a volume (a number from 0 to 1)");
  CHECK(audio_error("PLAY:bg.mp3:0,5") ==
        "\"PLAY:bg.mp3:0,5\": \"0,5\" is not a volume (a number from 0 to 1)");
  CHECK(audio_error("VOLUME:nan") ==
        "\"VOLUME:nan\": \"nan\" is not a volume (a number from 0 to 1)");
  CHECK(audio_error("VOLUME") == "\"VOLUME\": \"\" is not a volume (a number from 0 to 1)");
  CHECK(video_error("SEEK:-1") == "\"SEEK:-1\": \"-1\" is not a position (seconds, 0 to 604800)");
  CHECK(video_error("SEEK:1e300") ==
        "\"SEEK:1e300\": \"1e300\" is not a position (seconds, 0 to 604800)");
}

TEST_CASE("media command: an empty name is refused") {
  CHECK(audio_error("PLAY:") == "\"PLAY:\": the file name is missing");
  CHECK(audio_error("PLAY::0.5") == "\"PLAY::0.5\": the file name is missing");
  CHECK(audio_error("PLAY_") == "\"PLAY_\": the name is missing (PLAY_<NAME>)");
  CHECK(audio_error("STOP:") == "\"STOP:\": the file name is missing (STOP:<file>)");
  CHECK(video_error("PLAY_VIDEO:") == "\"PLAY_VIDEO:\": the file name is missing");
  CHECK(audio_error("  ") ==
        "an empty payload is no media command (send a file name, PLAY:<file> or STOP)");
}

TEST_CASE("media command: a name cannot leave the media folder") {
  CHECK(audio_error("PLAY:../secret.wav") ==
        "\"PLAY:../secret.wav\": a file name may not leave its folder (\"..\")");
  CHECK(video_error("a/../../b.mp4") ==
        "\"a/../../b.mp4\": a file name may not leave its folder (\"..\")");
  CHECK(audio_error("PLAY_../SECRET") ==
        "\"PLAY_../SECRET\": a name has no \"/\" and no \":\" (PLAY_<NAME>)");
  CHECK(audio<PlayFile>("what..now.wav").file == "what..now.wav");
}

TEST_CASE("media command: a file of another kind is refused with the endings that are good") {
  CHECK(audio_error("ghost.mp4") == "\"ghost.mp4\": audio files end in .wav, .mp3 or .ogg");
  CHECK(video_error("PLAY_VIDEO:bg.mp3") ==
        "\"PLAY_VIDEO:bg.mp3\": video files end in .mp4, .avi, .mkv, .mov or .webm");
}

TEST_CASE("media command: words of the other kind of topic are explained") {
  CHECK(audio_error("PLAY_VIDEO:a.mp4") ==
        "\"PLAY_VIDEO:a.mp4\": videos are played on topics that end in /video");
  CHECK(audio_error("STOP_VIDEO") == "\"STOP_VIDEO\": on an audio topic it is STOP");
  CHECK(video_error("PLAY:a.mp4") == "\"PLAY:a.mp4\": on a video topic it is PLAY_VIDEO:<file>");
}

TEST_CASE("media command: an unknown word is refused, with the word that was meant") {
  CHECK(audio_error("STPO") ==
        "\"STPO\": neither a command nor an audio file (.wav, .mp3 or .ogg); did you mean STOP?");
  CHECK(audio_error("stop") ==
        "\"stop\": neither a command nor an audio file (.wav, .mp3 or .ogg); did you mean STOP?");
  CHECK(
      audio_error("RESUM") ==
      "\"RESUM\": neither a command nor an audio file (.wav, .mp3 or .ogg); did you mean RESUME?");
}

TEST_CASE("media command: bytes that are not text are refused, and quoted readably") {
  CHECK(audio_error(std::string("\x00\xff", 2)) ==
        "\"\\x00\\xff\" is not text, so it is no media command");
  CHECK(audio_error("PLAY:a\x01.wav") ==
        "\"PLAY:a\\x01.wav\" is not text, so it is no media command");
  CHECK(audio_error(std::string(1'000'000, 'a')).find("1000000 bytes are too long") !=
        std::string::npos);
}
