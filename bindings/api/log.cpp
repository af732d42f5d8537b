// log: lines in the logger `script`. The prose stands in scripts/types/log.lua.
#include "bindings/host/modules.h"
#include "bindings/host/sandbox.h"
#include "bindings/host/script.h"
#include "bindings/lua/arguments.h"
#include "bindings/lua/entry.h"

namespace engine {
namespace {

// The text at 1, formatted by string.format with what follows it, if anything does.
std::string_view formatted(lua_State* L) {
  const int count = lua_gettop(L);
  if (count > 1) {
    lua::check_string(L, 1);
    push_internal(L, "format");
    lua_insert(L, 1);
    // string.format would not name the script's line.
    const lua::Vm::ScriptSection section(lua::Vm::of(L));  // There may be a __tostring.
    if (lua_pcall(L, count, 1, 0) != 0) luaL_error(L, "%s", lua_tostring(L, -1));
  } else {
    luaL_checkany(L, 1);
    if (lua_type(L, 1) != LUA_TSTRING) {
      push_internal(L, "tostring");
      lua_insert(L, 1);
      lua::call(L, 1, 1);
    }
  }
  return lua::check_string(L, -1);
}

template <spdlog::level::level_enum Level>
int write(lua_State* L) {
  const std::string_view text = formatted(L);
  Script& script = Script::of(L);
  script.services().logs.get("script").log(Level, "{}: {}", script.name(), text);
  return 0;
}

// print(...)
int print(lua_State* L) {
  const int count = lua_gettop(L);
  lua_pushliteral(L, "");
  for (int i = 1; i <= count; ++i) {
    if (i > 1) lua_pushliteral(L, "\t");
    push_internal(L, "tostring");
    lua_pushvalue(L, i);
    lua::call(L, 1, 1);
    lua_concat(L, i > 1 ? 3 : 2);
  }
  const std::string_view text = lua::check_string(L, -1);
  Script& script = Script::of(L);
  script.services().logs.get("script").info("{}: {}", script.name(), text);
  return 0;
}

}  // namespace

void open_log(lua_State* L, Script& script) {
  // log.debug|info|warn|error(format, ...)
  static constexpr luaL_Reg kFunctions[] = {{"debug", lua::entry<write<spdlog::level::debug>>},
                                            {"info", lua::entry<write<spdlog::level::info>>},
                                            {"warn", lua::entry<write<spdlog::level::warn>>},
                                            {"error", lua::entry<write<spdlog::level::err>>},
                                            {nullptr, nullptr}};
  push_module(L, script, "log", kFunctions);
  lua_pushlightuserdata(L, &script);
  lua_pushcclosure(L, lua::entry<print>, 1);
  set_global(L, "print");
}

}  // namespace engine
