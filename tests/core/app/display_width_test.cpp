#include "core/app/display_width.h"

#include "tests/support/catch.h"

using namespace engine;

TEST_CASE("display width counts columns, not bytes") {
  CHECK(display_width("") == 0);
  CHECK(display_width("room1") == 5);
  CHECK(display_width("räum") == 4);
  CHECK(display_width("▶ …") == 3);
  CHECK(display_width("✅❌⏰") == 6);
  CHECK(display_width("📤") == 2);
  CHECK(display_width("幽霊") == 4);
  CHECK(display_width("e\u0301") == 1);
  CHECK(display_width("⏸\ufe0f") == 1);
}

TEST_CASE("text is cut between characters and marked") {
  CHECK(cut_to_width("room1", 5) == "room1");
  CHECK(cut_to_width("room1", 4) == "roo…");
  CHECK(cut_to_width("幽霊屋敷", 5) == "幽霊…");
  CHECK(cut_to_width("幽霊屋敷", 4) == "幽…");
  CHECK(cut_to_width("abc", 1) == "…");
  CHECK(cut_to_width("abc", 0).empty());
}
