#include "core/base/run_program.h"

#include "tests/support/catch.h"

using namespace engine;
using namespace std::chrono_literals;

TEST_CASE("run_program: hands over its input, and returns what it wrote") {
  CHECK(run_program({"cat"}, "a secret\n").value() == "a secret\n");
  CHECK(run_program({"true"}, std::string(60'000, 'x')).value().empty());
}

TEST_CASE("run_program: a failure has its last line") {
  const auto failed = run_program({"sh", "-c", "echo first; echo the reason >&2; exit 3"});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message == "sh failed: the reason");
}

TEST_CASE("run_program: not installed") {
  CHECK(run_program({"no-such-tool"}).error().message == "no-such-tool is not installed");
  CHECK(run_program({"/no/such/tool"}).error().message ==
        "/no/such/tool cannot be started: No such file or directory");
}

TEST_CASE("run_program: one that hangs is ended") {
  CHECK(run_program({"sleep", "1000"}, "", 50ms).error().message ==
        "sleep was still at work after 0.05 s");
}
