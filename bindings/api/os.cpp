// os: the calendar as the engine's clock has it, which is virtual in rehearsals.
#include "bindings/host/modules.h"
#include "bindings/host/script.h"
#include "bindings/lua/arguments.h"
#include "bindings/lua/entry.h"

namespace engine {
namespace {

void push_wall(lua_State* L) {
  const auto since = Script::of(L).services().clock().wall().time_since_epoch();
  lua_pushnumber(
      L, static_cast<double>(std::chrono::duration_cast<std::chrono::seconds>(since).count()));
}

// Lua's own function, with the arguments that are on the stack.
int call_own(lua_State* L, const char* name) {
  lua_getglobal(L, "os");
  lua_getfield(L, -1, name);
  lua_insert(L, 1);
  lua_pop(L, 1);
  // By itself it would not name the script's line.
  if (lua_pcall(L, lua_gettop(L) - 1, 1, 0) != 0) luaL_error(L, "%s", lua_tostring(L, -1));
  return 1;
}

// os.time([table]) -> seconds
int os_time(lua_State* L) {
  if (lua_isnoneornil(L, 1)) {
    push_wall(L);
    return 1;
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  return call_own(L, "time");
}

// os.date([format [, time]]) -> string | table
int os_date(lua_State* L) {
  lua_settop(L, 2);
  if (lua_isnil(L, 1)) {
    lua_pushliteral(L, "%c");
    lua_replace(L, 1);
  }
  lua::check_string(L, 1);
  if (lua_isnil(L, 2)) {
    push_wall(L);
    lua_replace(L, 2);
  }
  luaL_checktype(L, 2, LUA_TNUMBER);
  return call_own(L, "date");
}

// os.clock() -> seconds of processor time, real ones also in rehearsals
int os_clock(lua_State* L) {
  lua_settop(L, 0);
  return call_own(L, "clock");
}

}  // namespace

void open_os(lua_State* L, Script& script) {
  static constexpr luaL_Reg kFunctions[] = {{"time", lua::entry<os_time>},
                                            {"date", lua::entry<os_date>},
                                            {"clock", lua::entry<os_clock>},
                                            {nullptr, nullptr}};
  push_module(L, script, "os", kFunctions);
}

}  // namespace engine
