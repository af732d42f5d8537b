#include "bindings/host/eval.h"

#include "bindings/host/sandbox.h"
#include "bindings/lua/json.h"
#include "bindings/lua/vm.h"

namespace engine {
namespace {

constexpr const char* kChunkName = "=eval";

bool compile(lua_State* L, const std::string& code) {
  return luaL_loadbufferx(L, code.data(), code.size(), kChunkName, "t") == 0;
}

// Pushes the function, or what is wrong with it.
bool compile_expression_or_statements(lua_State* L, const std::string& code) {
  if (compile(L, "return " + code)) return true;
  lua_pop(L, 1);
  return compile(L, code);
}

std::string text_at(lua_State* L, int index) {
  if (lua_istable(L, index)) {
    if (auto json = lua::to_json(L, index)) return *json;
  }
  lua_getglobal(L, "tostring");
  lua_pushvalue(L, index);
  lua::call(L, 1, 1);
  size_t length = 0;
  const char* text = lua_tolstring(L, -1, &length);
  std::string result = text ? std::string(text, length) : "?";
  lua_pop(L, 1);
  return result;
}

std::string texts_from(lua_State* L, int first) {
  std::string result;
  const int last = lua_gettop(L);
  for (int i = first; i <= last; ++i) {
    if (i > first) result += '\t';
    result += text_at(L, i);
  }
  return result;
}

}  // namespace

Result<std::string> evaluate(Script& script, const std::string& code) {
  std::string text;
  const auto ran = script.try_run({"eval"}, [&](lua_State* L) {
    const int base = lua_gettop(L);
    if (!compile_expression_or_statements(L, code)) lua_error(L);
    push_environment(L);
    lua_setfenv(L, -2);
    lua::call(L, 0, LUA_MULTRET);
    text = texts_from(L, base + 1);
  });
  if (!ran) return tl::unexpected(ran.error());
  return text;
}

}  // namespace engine
