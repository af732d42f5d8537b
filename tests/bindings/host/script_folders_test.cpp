#include "bindings/host/script_folders.h"

#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

struct FoldersFixture : ScriptFixture {
  ScriptFolders folders{host, logs};
  const std::string scenes = (folder / "scenes").string();

  std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const auto& script : host.list()) names.push_back(script.name);
    return names;
  }
  void come(const std::string& name, const std::string& text = "") {
    write("scenes/" + name, text);
    folders.changed(scenes);
  }
};

}  // namespace

TEST_CASE_METHOD(FoldersFixture, "every script of a folder is loaded, and nothing else") {
  for (const char* name : {"b.lua", "a.lua", "a_test.lua", ".a.lua.swp", ".hidden.lua", "~a.lua",
                           "#a.lua", "a.lua~", "a.txt", "inner/c.lua"}) {
    write(std::string("scenes/") + name, "");
  }
  CHECK(folders.set({scenes + "/"}));
  CHECK(names() == Lines{"a", "b"});
}

TEST_CASE_METHOD(FoldersFixture, "a script that does not load is told of, the others run") {
  write("scenes/a.lua", "x x");
  write("scenes/b.lua", "");
  CHECK_FALSE(folders.set({scenes}));
  CHECK(logs.has("a.lua:1:"));
  CHECK(host.list()[0].state == ScriptHost::State::failed);
  CHECK(host.list()[1].state == ScriptHost::State::running);
}

TEST_CASE_METHOD(FoldersFixture, "a new file is loaded, a deleted one released and forgotten") {
  write("scenes/a.lua", "");
  folders.set({scenes});
  come("b.lua", "mqtt.publish('b', 'here')");
  CHECK(taken() == Lines{"b=here"});
  std::filesystem::remove(folder / "scenes/b.lua");
  host.file_changed(scenes + "/b.lua");
  folders.changed(scenes);
  tick(500ms);
  CHECK(names() == Lines{"a"});
  come("b.lua", "mqtt.publish('b', 'again')");
  CHECK(taken() == Lines{"b=again"});
}

TEST_CASE_METHOD(FoldersFixture,
                 "a new file that is half-written is tried again before it is told") {
  folders.set({scenes});
  come("a.lua", "mqtt.publish('a', ");
  tick(50ms);
  write("scenes/a.lua", "mqtt.publish('a', 'x')");
  tick(50ms);
  CHECK(taken() == Lines{"a=x"});
  CHECK_FALSE(logs.has("[ERROR]"));
}

TEST_CASE_METHOD(FoldersFixture,
                 "a folder that is not there is reported, and taken when it comes") {
  CHECK(folders.set({scenes}));
  CHECK(logs.has("there is no such folder"));
  come("a.lua");
  CHECK(names() == Lines{"a"});
}

TEST_CASE_METHOD(FoldersFixture, "a script that was named itself is not loaded twice") {
  write("scenes/a.lua", "mqtt.publish('a', 'x')");
  REQUIRE(host.add(scenes + "/../scenes/a.lua"));
  folders.set({scenes});
  CHECK(taken() == Lines{"a=x"});
}

TEST_CASE_METHOD(FoldersFixture, "the scripts of a folder that is no longer watched are released") {
  write("scenes/a.lua", "mqtt.subscribe('a', function() end)");
  write("more/b.lua", "");
  folders.set({scenes, folder / "more"});
  REQUIRE(host.add(write("scenes/inner/c.lua", "")));
  folders.set({folder / "more"});
  CHECK(names() == Lines{"b", "c"});
  CHECK(subscriptions() == 0);
}
