#include "core/base/file_watcher.h"

#include <chrono>
#include <filesystem>
#include <fstream>
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
  FileWatcher watcher{loop.io(), loop.timers(), [this](const FileWatcher::Paths& paths) {
                        changed.insert(changed.end(), paths.begin(), paths.end());
                      }};
  const std::string file = (folder / "scene.lua").string();

  // Until a change is told of, and a little longer, so that a second one would be seen.
  void run() {
    loop.io().restart();
    TimerId stop;
    const TimerId poll = loop.timers().every(1ms, [&] {
      if (changed.empty() || loop.timers().active(stop)) return;
      stop = loop.timers().after(60ms, [this] { loop.stop(); });
    });
    const TimerId give_up = loop.timers().after(5s, [this] { loop.stop(); });
    loop.run();
    loop.timers().cancel(poll);
    loop.timers().cancel(give_up);
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

TEST_CASE_METHOD(Fixture, "a file is not told of while it is being written") {
  watcher.watch({file});
  std::ofstream writer(file);
  writer << "half" << std::flush;
  SECTION("before it is closed for the first time") {}
  SECTION("nor when it is opened again at once") {
    writer.close();
    writer.open(file);
    writer << "half" << std::flush;
  }
  loop.timers().after(50ms, [&] {
    CHECK(changed.empty());
    writer << "whole" << std::flush;
    writer.close();
  });
  run();
  CHECK(changed == std::vector<std::string>{file});
}

TEST_CASE_METHOD(Fixture, "a writer that never closes the file is not waited for for ever") {
  watcher.watch({file});
  folder.write("scene.lua", "one");
  std::ofstream writer(file);
  writer << "half" << std::flush;
  run();
  CHECK(changed == std::vector<std::string>{file});
}

TEST_CASE_METHOD(Fixture, "files saved together are told of together") {
  int calls = 0;
  FileWatcher other{loop.io(), loop.timers(), [&](const FileWatcher::Paths& paths) {
                      ++calls;
                      CHECK(paths.size() == 2);
                    }};
  watcher.watch({file});
  other.watch({file, (folder / "library.lua").string()});
  folder.write("scene.lua", "x");
  folder.write("library.lua", "x");
  run();
  CHECK(calls == 1);
}

TEST_CASE_METHOD(Fixture, "a stream of saves does not put off being told") {
  watcher.watch({file});
  const TimerId saves = loop.timers().every(
      4ms, [this] { std::filesystem::rename(folder.write("scene.lua~", "x"), file); });
  loop.timers().after(100ms, [&] { CHECK_FALSE(changed.empty()); });
  run();
  loop.timers().cancel(saves);
}

TEST_CASE_METHOD(Fixture, "symbolic links are followed") {
  namespace fs = std::filesystem;
  folder.write("v1/scene.lua", "one");
  folder.write("v2/scene.lua", "two");
  fs::create_symlink("v1", folder / "..data");
  fs::create_symlink("..data/scene.lua", folder / "scene.lua");
  watcher.watch({file});
  std::string now = "v2/scene.lua";
  SECTION("the file they lead to is saved") {
    now = "v1/scene.lua";
    folder.write(now, "new");
  }
  SECTION("the link in the middle is swapped, as Kubernetes does") {
    fs::create_symlink("v2", folder / "..data_tmp");
    fs::rename(folder / "..data_tmp", folder / "..data");
  }
  SECTION("the link itself is replaced, as ln -sfn does") {
    fs::create_symlink("v2/scene.lua", folder / "tmp");
    fs::rename(folder / "tmp", folder / "scene.lua");
  }
  run();
  CHECK(changed == std::vector<std::string>{file});
  changed.clear();
  folder.write(now, "newer");
  run();
  CHECK(changed == std::vector<std::string>{file});
}

TEST_CASE_METHOD(Fixture, "a folder that is swapped for another counts as a save") {
  namespace fs = std::filesystem;
  const std::string path = folder.write("site/scenes/a.lua", "one").string();
  folder.write("next/scenes/a.lua", "two");
  watcher.watch({path});
  fs::rename(folder / "site", folder / "old");
  fs::rename(folder / "next", folder / "site");
  run();
  CHECK(changed == std::vector<std::string>{path});
  changed.clear();
  folder.write("site/scenes/a.lua", "three");
  run();
  CHECK(changed == std::vector<std::string>{path});
}

TEST_CASE_METHOD(Fixture, "a folder is told of when its files change, or when it appears") {
  namespace fs = std::filesystem;
  const std::string scenes = (folder / "scenes").string();
  SECTION("a file comes") {
    fs::create_directory(scenes);
    watcher.watch({}, {scenes});
    folder.write("scenes/a.lua", "x");
  }
  SECTION("a file goes") {
    folder.write("scenes/a.lua", "x");
    watcher.watch({}, {scenes});
    fs::remove(folder / "scenes/a.lua");
  }
  SECTION("it appears") {
    watcher.watch({}, {scenes});
    fs::create_directory(scenes);
  }
  SECTION("it appears, moved there") {
    watcher.watch({}, {scenes});
    fs::create_directory(folder / "elsewhere");
    fs::rename(folder / "elsewhere", scenes);
  }
  run();
  CHECK(changed == std::vector<std::string>{scenes});
  changed.clear();
  folder.write("scenes/b.lua", "x");
  run();
  CHECK(changed == std::vector<std::string>{scenes});
}

TEST_CASE_METHOD(Fixture, "links that lead in a circle are missing files") {
  std::filesystem::create_symlink("b", folder / "a");
  std::filesystem::create_symlink("a", folder / "b");
  watcher.watch({(folder / "a").string()});
  folder.write("other.lua", "x");
  CHECK(changed.empty());
}

TEST_CASE_METHOD(Fixture, "watching again and again takes no more watches") {
  const auto watches = [] {
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fdinfo")) {
      std::ifstream info(entry.path());
      for (std::string line; std::getline(info, line);) count += line.starts_with("inotify wd");
    }
    return count;
  };
  watcher.watch({file});
  const size_t before = watches();
  for (int i = 0; i < 100; ++i) {
    watcher.watch({file, folder.write("sub" + std::to_string(i) + "/x.lua", "x").string()});
  }
  watcher.watch({file});
  CHECK(watches() == before);
}
