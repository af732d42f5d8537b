#include "bindings/host/eval.h"

#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;

namespace {

struct Fixture : ScriptFixture {
  Script& script() { return *host.find(path()); }
  std::string path() const { return (folder / "test.lua").string(); }
  std::string value(const std::string& code) {
    const auto result = evaluate(script(), code);
    INFO((result ? std::string{} : result.error().message));
    REQUIRE(result);
    return *result;
  }
  std::string error(const std::string& code) {
    const auto result = evaluate(script(), code);
    REQUIRE_FALSE(result);
    return result.error().message;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "eval: an expression's value, as text or as JSON") {
  load("state.count = 41");
  CHECK(value("state.count + 1") == "42");
  CHECK(value("return 1, nil, 'x'") == "1\tnil\tx");
  CHECK(value("{ a = { 1, 2 } }") == R"({"a":[1,2]})");
  CHECK(value("print").starts_with("function"));
  CHECK(value("").empty());
}

TEST_CASE_METHOD(Fixture, "eval: statements change the script's own environment") {
  load("state.count = 41");
  CHECK(value("state.count = 7").empty());
  CHECK(value("state.count") == "7");
  value("mqtt.publish('a', 'b')");
  CHECK(taken() == Lines{"a=b"});
}

TEST_CASE_METHOD(Fixture, "eval: what goes wrong is said, and is no fault of the script's") {
  load("");
  CHECK(error("error('oh no')").find("oh no") != std::string::npos);
  CHECK(error("1 +").find("eval:1:") != std::string::npos);
  CHECK(error("mqtt.publish()").find("string expected") != std::string::npos);
  CHECK(error("io.open('/etc/passwd')").find("nil value") != std::string::npos);
  CHECK(faults.empty());
}

TEST_CASE_METHOD(Fixture, "eval: bytecode is refused") {
  load("");
  CHECK_FALSE(evaluate(script(), "\x1bLJ\x02"));
}
