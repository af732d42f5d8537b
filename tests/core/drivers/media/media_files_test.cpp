#include "core/drivers/media/media_files.h"

#include <fstream>

#include "tests/core/drivers/media/temporary_folder.h"
#include "tests/support/catch.h"

using namespace engine;
using engine::test::TemporaryFolder;

namespace {

struct Fixture {
  TemporaryFolder first;
  TemporaryFolder second;
  MediaFiles files{{first.path(), second.path()}};

  std::string error(const std::string& name) {
    const auto found = files.find(MediaKind::audio, name);
    return found ? "found " + found->path.string() : found.error().message;
  }
  std::string both() { return first.path().string() + ", " + second.path().string(); }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "media files: the first folder that has the file wins") {
  first.add("bg.mp3");
  second.add("bg.mp3");
  second.add("halls/door.wav");
  CHECK(files.find(MediaKind::audio, "bg.mp3")->path == first.path() / "bg.mp3");
  CHECK(files.find(MediaKind::audio, "halls/door.wav")->path == second.path() / "halls/door.wav");
  CHECK(files.find(MediaKind::audio, "halls/door.wav")->name == "halls/door.wav");
}

TEST_CASE_METHOD(Fixture, "media files: a name without extension is tried as .wav, .mp3, .ogg") {
  second.add("welcome.ogg");
  CHECK(files.find_by_name(MediaKind::audio, "welcome")->name == "welcome.ogg");
  second.add("welcome.wav");
  CHECK(files.find_by_name(MediaKind::audio, "welcome")->name == "welcome.wav");
  CHECK(files.find_by_name(MediaKind::audio, "welcom").error().message ==
        "\"welcom\" (.wav, .mp3 or .ogg) is not in " + both() + "; did you mean \"welcome\"?");
}

TEST_CASE_METHOD(Fixture,
                 "media files: a missing file's error has the folders and the nearest name") {
  second.add("welcome.mp3");
  second.add("welcome.mp4");
  CHECK(error("wellcome.mp3") ==
        "\"wellcome.mp3\" is not in " + both() + "; did you mean \"welcome.mp3\"?");
  CHECK(error("thunder.wav") == "\"thunder.wav\" is not in " + both());
}

TEST_CASE_METHOD(Fixture, "media files: an absolute name is good inside of the folders only") {
  first.add("bg.mp3");
  const std::string inside = first.path() / "bg.mp3";
  CHECK(error(inside) == "found " + inside);
  CHECK(error("/etc/bg.mp3") ==
        "\"/etc/bg.mp3\" lies outside of the media folders (" + both() + ")");
  CHECK(error(first.path().string() + "x/bg.mp3").find("lies outside") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "media files: a folder that is named like a file is none") {
  std::filesystem::create_directory(first.path() / "bg.mp3");
  CHECK(error("bg.mp3").find("is not in") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "media files: sound effects are known by their names") {
  first.add("sfx.wav");
  first.add("sfx_notes.txt");
  CHECK_FALSE(files.has_sound_effects());
  second.add("sfx_thunder.wav");
  CHECK(files.has_sound_effects());
}

TEST_CASE("media files: a folder that does not exist, or none, is said") {
  CHECK(MediaFiles({"/no/such"}).find(MediaKind::video, "a.mp4").error().message ==
        "\"a.mp4\" is not in /no/such (no such folder)");
  CHECK(MediaFiles({}).find(MediaKind::video, "a.mp4").error().message ==
        "\"a.mp4\" is not in any media folder, for none is configured");
}
