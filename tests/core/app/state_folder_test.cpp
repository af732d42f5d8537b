#include "core/app/state_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <map>

#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

using namespace engine;
using engine::test::TempFolder;

namespace {

Environment variables(std::map<std::string, std::string> values) {
  return [values](const std::string& name) -> std::optional<std::string> {
    const auto at = values.find(name);
    return at == values.end() ? std::nullopt : std::optional(at->second);
  };
}

const Environment kNothing = variables({});

mode_t mode_of(const std::filesystem::path& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the state folder is where XDG says, for its owner only") {
  TempFolder temp;
  const auto xdg = variables({{"XDG_STATE_HOME", temp / "xdg"}, {"HOME", temp / "home"}});
  const auto folder = StateFolder::open(std::nullopt, "room1", xdg);
  REQUIRE(folder);
  CHECK(folder->path() == temp / "xdg/engine/room1");
  CHECK(mode_of(temp / "xdg/engine") == 0700);
  CHECK(mode_of(folder->path()) == 0700);
  CHECK(mode_of(folder->path() / "lock") == 0600);
}

TEST_CASE("without XDG_STATE_HOME, or with a relative one, it is under the home folder") {
  TempFolder temp;
  for (const Environment& environment :
       {variables({{"HOME", temp.path()}}),
        variables({{"HOME", temp.path()}, {"XDG_STATE_HOME", "state"}})}) {
    const auto folder = StateFolder::open(std::nullopt, "site", environment);
    REQUIRE(folder);
    CHECK(folder->path() == temp / ".local/state/engine/site");
  }
  const auto homeless = StateFolder::open(std::nullopt, "site", kNothing);
  REQUIRE_FALSE(homeless);
  CHECK(has(homeless.error().message, "--state DIR"));
}

TEST_CASE("a second engine on the same site is refused by pid and folder, other sites are free") {
  TempFolder temp;
  {
    const auto first = StateFolder::open(temp / "s", "room1", kNothing);
    REQUIRE(first);
    const auto second = StateFolder::open(temp / "s", "room1", kNothing);
    REQUIRE_FALSE(second);
    CHECK(second.error().message == "an engine (pid " + std::to_string(::getpid()) +
                                        ") already runs site 'room1' in " +
                                        (temp / "s/room1").string());
    CHECK(StateFolder::open(temp / "s", "room2", kNothing));
    CHECK(StateFolder::open(temp / "other", "room1", kNothing));
  }
  CHECK(StateFolder::open(temp / "s", "room1", kNothing));
}

TEST_CASE("the lock moves with its folder") {
  TempFolder temp;
  auto first = StateFolder::open(temp.path(), "site", kNothing);
  REQUIRE(first);
  const StateFolder moved = std::move(*first);
  first = fail("gone");
  CHECK_FALSE(StateFolder::open(temp.path(), "site", kNothing));
}

TEST_CASE("the pid of a longer-lived engine does not linger in the lock") {
  TempFolder temp;
  temp.write("site/lock", "99999999999999\n");
  REQUIRE(StateFolder::open(temp.path(), "site", kNothing));
  CHECK(test::read_file(temp / "site/lock") == std::to_string(::getpid()) + "\n");
}

TEST_CASE("a state folder that cannot be used is named with the reason") {
  TempFolder temp;
  temp.write("file", "x");
  const auto file = StateFolder::open(temp / "file", "site", kNothing);
  REQUIRE_FALSE(file);
  CHECK(has(file.error().message, (temp / "file/site").string()));
  CHECK(has(file.error().message, "Not a directory"));
  CHECK(has(file.error().message, "--state DIR"));
  temp.write("root/site", "x");
  const auto taken = StateFolder::open(temp / "root", "site", kNothing);
  REQUIRE_FALSE(taken);
  CHECK(has(taken.error().message, "it is not a folder"));
  std::filesystem::create_directories(temp / "held/site/lock");
  const auto held = StateFolder::open(temp / "held", "site", kNothing);
  REQUIRE_FALSE(held);
  CHECK(has(held.error().message, "cannot be written: Is a directory"));
}

TEST_CASE("subfolders are made inside") {
  TempFolder temp;
  const auto folder = StateFolder::open(temp.path(), "site", kNothing);
  REQUIRE(folder);
  const auto broker = folder->subfolder("mosquitto");
  REQUIRE(broker);
  CHECK(*broker == folder->path() / "mosquitto");
  CHECK(mode_of(*broker) == 0700);
  CHECK(folder->subfolder("mosquitto"));
  CHECK_FALSE(folder->subfolder("lock"));
}
