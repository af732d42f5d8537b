#include "core/base/file_watcher.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/loop.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

using namespace engine;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  SystemClock clock;
  Loop loop{clock, [](const std::exception&) {}};
  test::TempFolder folder;
  std::vector<std::string> changed;
  FileWatcher watcher{loop.io(), loop.timers(),
                      [this](const std::string& path) { changed.push_back(path); }};
  const std::string file = (folder / "scene.lua").string();

  // Until a change is told of, and a little longer, so that a second one would be seen.
  void run() {
    const TimerId poll = loop.timers().every(1ms, [this] {
      if (!changed.empty()) loop.timers().after(60ms, [this] { loop.stop(); });
    });
    loop.timers().after(5s, [this] { loop.stop(); });
    loop.run();
    loop.timers().cancel(poll);
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a save in place, by renaming, or a deletion is told once") {
  folder.write("scene.lua", "one");
  watcher.watch({file});
  SECTION("in place") { folder.write("scene.lua", "two"); }
  SECTION("by renaming a new file over the old one") {
    std::filesystem::rename(folder.write("scene.lua~", "two"), file);
  }
  SECTION("twice at once") {
    folder.write("scene.lua", "two");
    folder.write("scene.lua", "three");
  }
  SECTION("deleted") { std::filesystem::remove(file); }
  SECTION("a neighbour is saved as well") {
    folder.write("other.lua", "x");
    folder.write("scene.lua", "two");
  }
  run();
  CHECK(changed == std::vector<std::string>{file});
}

TEST_CASE_METHOD(Fixture, "a file that does not exist yet is told of when it is written") {
  watcher.watch({file});
  folder.write("scene.lua", "new");
  run();
  CHECK(changed == std::vector<std::string>{file});
}
