// Payloads to Lua and back: what was decoded encodes to a document that says the same.
#include "bindings/lua/json.h"

#include <nlohmann/json.hpp>

#include "bindings/lua/vm.h"
#include "tests/fuzz/fuzzer.h"

namespace engine::fuzz {
namespace {

// As Lua has it: whole numbers are floating point numbers.
bool same(const nlohmann::json& a, const nlohmann::json& b) {
  if (a.is_number() && b.is_number()) return a.get<double>() == b.get<double>();
  if (a.type() != b.type() || a.size() != b.size()) return false;
  if (a.is_array()) return std::equal(a.begin(), a.end(), b.begin(), same);
  if (!a.is_object()) return a == b;
  const auto same_item = [](const auto& x, const auto& y) {
    return x.first == y.first && same(x.second, y.second);
  };
  const auto& left = a.get_ref<const nlohmann::json::object_t&>();
  return std::equal(left.begin(), left.end(), b.get_ref<const nlohmann::json::object_t&>().begin(),
                    same_item);
}

struct Call {
  std::string_view input;

  static int run(lua_State* L) {
    static_cast<Call*>(lua_touserdata(L, 1))->check(L);
    return 0;
  }

  void check(lua_State* L) const {
    const int top = lua_gettop(L);
    const auto document = nlohmann::json::parse(input, nullptr, false);
    const auto decoded = lua::push_json(L, input);
    if (!decoded) {
      expect(lua_gettop(L) == top, "a failure pushes nothing");
      return;
    }
    expect(lua_gettop(L) == top + 1, "one value is pushed");
    expect(!document.is_discarded(), "only JSON is decoded", input);
    const auto text = lua::to_json(L, -1);
    expect(text.has_value(), "what was decoded can be encoded", text ? "" : text.error().message);
    const auto again = nlohmann::json::parse(*text, nullptr, false);
    expect(same(document, again), "it says the same", *text);
    expect(lua_gettop(L) == top + 1, "encoding leaves the stack as it was");
    lua_settop(L, top);
  }
};

}  // namespace

void one_input(std::string_view input) {
  static lua::Vm vm(64 * 1024 * 1024);
  lua_State* L = vm.state();
  Call call{input};
  lua_pushcfunction(L, &Call::run);
  lua_pushlightuserdata(L, &call);
  const int status = vm.call(1, 0, 0);
  const char* error = status == 0 ? nullptr : lua_tostring(L, -1);
  expect(status == 0, "nothing is raised", error ? error : "");
  lua_settop(L, 0);
}

}  // namespace engine::fuzz
