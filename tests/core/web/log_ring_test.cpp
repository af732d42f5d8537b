#include "core/web/log_ring.h"

#include "core/base/logging.h"
#include "tests/support/catch.h"

using namespace engine;

namespace {

struct Fixture {
  std::shared_ptr<web::LogRing> ring = std::make_shared<web::LogRing>(3);
  Logs logs{{ring}};

  void say(const std::string& text) { logs.get("scene").info("{}", text); }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "the last log lines are kept as they were written") {
  say("one");
  const auto lines = ring->from(0, 10);
  REQUIRE(lines.lines.size() == 1);
  CHECK(lines.lines[0].ends_with(" [INFO] scene - one"));
  CHECK(lines.next == 1);
  CHECK(ring->from(lines.next, 10).lines.empty());
}

TEST_CASE_METHOD(Fixture, "who is too slow is told how many lines were missed") {
  for (const char* text : {"1", "2", "3", "4", "5"}) say(text);
  const auto lines = ring->from(0, 2);
  CHECK(lines.missed == 2);
  CHECK(lines.lines.size() == 2);
  CHECK(lines.lines[0].ends_with("- 3"));
  CHECK(lines.next == 4);
}

TEST_CASE_METHOD(Fixture, "the last N lines are found, as far as they are kept") {
  for (const char* text : {"1", "2", "3", "4"}) say(text);
  CHECK(ring->from(ring->back(1), 10).lines.at(0).ends_with("- 4"));
  CHECK(ring->from(ring->back(100), 10).lines.size() == 3);
}
