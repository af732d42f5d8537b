#include "core/app/table.h"

#include "tests/support/catch.h"

using namespace engine;

TEST_CASE("a table's columns are aligned by what a terminal shows") {
  Table table({"NAME", ">N", "TEXT"});
  table.add({"žluť", "1", "x"});
  table.add({"日本", "100", "y"});
  CHECK(table.text(false) ==
        "NAME    N  TEXT\n"
        "žluť    1  x\n"
        "日本  100  y\n");
}

TEST_CASE("no line of a table ends in blanks") {
  Table table({"A", "B"});
  table.add({"long text", ""});
  CHECK(table.text(false) == "A          B\nlong text\n");
}

TEST_CASE("colours do not disturb the columns, and are left out where there are none") {
  Table table({"A", "B"});
  table.add({Cell("x", Colour::red), "y"});
  table.add({"xyz", "y"});
  CHECK(table.text(true).find("\x1b[31mx\x1b[0m    y\n") != std::string::npos);
  CHECK(table.text(false).find('\x1b') == std::string::npos);
}

TEST_CASE("a table is cut to the terminal's width") {
  Table table({"A", "B"});
  table.add({"x", "a long text"});
  CHECK(table.text(false, 8).find("x  a lo…\n") != std::string::npos);
}

TEST_CASE("what is not printable does not reach the terminal") {
  Table table({"A"});
  table.add({"\x1b[2J"});
  CHECK(table.text(true).find("\x1b[2J") == std::string::npos);
}
