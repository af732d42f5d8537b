#include "bindings/lua/json.h"

#include <string>

#include "bindings/lua/vm.h"
#include "tests/support/catch.h"

using namespace engine;

namespace {

struct Fixture {
  lua::Vm vm{64 * 1024 * 1024};
  lua_State* L = vm.state();

  std::string round_trip(const std::string& text) {
    const auto decoded = lua::push_json(L, text);
    if (!decoded) return decoded.error().message;
    const auto encoded = lua::to_json(L, -1);
    lua_pop(L, 1);
    return encoded ? *encoded : encoded.error().message;
  }
  std::string encode(const std::string& expression) {
    REQUIRE(luaL_dostring(L, ("return " + expression).c_str()) == 0);
    const auto encoded = lua::to_json(L, -1);
    lua_settop(L, 0);
    return encoded ? *encoded : encoded.error().message;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "what was decoded encodes to the same document") {
  for (const char* text :
       {"null", "true", "42", "-1", "0.1", "1715432587.123", "1e+300", "\"\"", "\"0042\"", "[]",
        "{}", "[[],{}]", "[1,null,\"x\"]", "{\"a\":{\"b\":[]}}",
        "\"räum ⏰ \\\" \\\\ \\n\\r\\t \\u0001\"", "9007199254740991", "[0.30000000000000004]"}) {
    CHECK(round_trip(text) == text);
    CHECK(lua_gettop(L) == 0);
  }
  // An integer of more than 64 bits.
  CHECK(round_trip("[null,\"x\",true,-7,18446744073709551617]") ==
        "[null,\"x\",true,-7,18446744073709551616]");
}

TEST_CASE_METHOD(Fixture, "what is not JSON is an error that says where") {
  for (const std::string& text :
       {std::string(""), std::string("{"), std::string("[1,]"), std::string("nope"),
        std::string("{\"a\":1}x"), std::string("\"\xff\""), std::string("\0", 1),
        std::string(200, '[') + std::string(200, ']')}) {
    INFO(text);
    CHECK(round_trip(text).substr(0, 8) == "not JSON");
    CHECK(lua_gettop(L) == 0);
  }
  CHECK(round_trip("[1,\n2,]").find("line 2, column 3") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "values without a JSON form are refused by name") {
  CHECK(encode("{a = {b = function() end}}") ==
        "cannot be written as JSON: 'a': 'b': a function has no JSON form");
  CHECK(encode("0/0").find("finite") != std::string::npos);
  CHECK(encode("{1, 2, nil, 4}").find("holes") != std::string::npos);
  CHECK(encode("{1, x = 2}").find("not both") != std::string::npos);
  CHECK(encode("{[0] = 1}").find("lists start at 1") != std::string::npos);
  CHECK(encode("'\\255'").find("UTF-8") != std::string::npos);
  CHECK(encode("(function() local t = {} t.t = t return t end)()").find("cycle") !=
        std::string::npos);
}

TEST_CASE_METHOD(Fixture, "JSON of every size and form is read alike") {
  std::string large = "[";
  for (int i = 0; i < 20'000; ++i) large += "{\"n\":" + std::to_string(i) + ",\"t\":\"\\u00e9\"},";
  large += "0]";
  REQUIRE(lua::push_json(L, large));
  CHECK(lua_objlen(L, -1) == 20'001);
  const auto encoded = lua::to_json(L, -1);
  REQUIRE(encoded);
  CHECK(encoded->size() > 300'000);
  lua_settop(L, 0);

  std::string wide = "{";
  for (int i = 10'000; i < 30'000; ++i) wide += "\"k" + std::to_string(i) + "\":1,";
  wide.back() = '}';
  CHECK(round_trip(wide) == wide);

  CHECK(round_trip("123456789012345678901234567890") == "1.2345678901234568e+29");
  CHECK(round_trip("18446744073709551615") == "18446744073709551616");  // As a double.
  CHECK(round_trip("\xef\xbb\xbf[1]") == "[1]");                        // A byte order mark.
  CHECK(round_trip("{\"a\":1,\"a\":2}") == "{\"a\":2}");
  CHECK(round_trip("-0.0") == "0");
  CHECK(round_trip("1e400").substr(0, 8) == "not JSON");
  CHECK(round_trip("\"\\ud800\"").substr(0, 8) == "not JSON");
  const std::string deepest = std::string(100, '[') + std::string(100, ']');
  CHECK(round_trip(deepest) == deepest);
  CHECK(round_trip("[" + deepest + "]").find("deeper than 100 levels") != std::string::npos);
  CHECK(lua_gettop(L) == 0);
}
