#include "bindings/host/source_file.h"

#include <fstream>

#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

using namespace engine;
using namespace engine::test;

TEST_CASE("a source file knows whether it is still what was read") {
  const TempFolder folder;
  const std::string path = folder.write("a.lua", "one").string();
  const auto source = SourceFile::read(path);
  REQUIRE(source);
  CHECK(source->text() == "one");
  CHECK_FALSE(source->changed_since());
  SECTION("written to") { std::ofstream(path, std::ios::app) << "more"; }
  SECTION("cut off") { std::ofstream file(path); }
  SECTION("replaced") { std::filesystem::rename(folder.write("b.lua", "one"), path); }
  SECTION("deleted") { std::filesystem::remove(path); }
  CHECK(source->changed_since());
}

TEST_CASE("what cannot be a source file is refused, with the reason") {
  const TempFolder folder;
  const std::string path = (folder / "a.lua").string();
  CHECK(SourceFile::read(path).error().message == path + ": there is no such file");
  std::filesystem::create_directory(path);
  CHECK(SourceFile::read(path).error().message == path + ": is not a file");
  std::filesystem::remove(path);
  folder.write("a.lua", std::string(17 * 1024 * 1024, ' '));
  CHECK(SourceFile::read(path).error().message == path + ": is larger than 16 MB: not a script");
}
