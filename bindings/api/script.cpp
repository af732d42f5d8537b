// script: the running script itself. The prose stands in scripts/types/script.lua.
#include "bindings/host/script.h"

#include "bindings/host/modules.h"
#include "bindings/host/sandbox.h"
#include "bindings/lua/arguments.h"
#include "bindings/lua/entry.h"
#include "core/base/nearest.h"

namespace engine {
namespace {

// script.loading() -> boolean
int script_loading(lua_State* L) {
  lua_pushboolean(L, Script::of(L).registrations().staging());
  return 1;
}

// script.fault(callback, message)
int script_fault(lua_State* L) {
  const std::string callback(lua::check_string(L, 1));
  const std::string message(lua::check_string(L, 2));
  Script::of(L).report({callback.c_str()}, message);
  return 0;
}

// script.enter(function | coroutine)
int script_enter(lua_State* L) {
  if (!lua_isthread(L, 1)) lua::check_function(L, 1);
  Script::of(L).enter(L, 1);
  return 0;
}

// script.uuid() -> string
int script_uuid(lua_State* L) {
  const std::string id = Script::of(L).uuid();
  lua_pushlstring(L, id.data(), id.size());
  return 1;
}

// script.nearest(word, candidates) -> string | nil
int script_nearest(lua_State* L) {
  const std::string word(lua::check_string(L, 1));
  luaL_checktype(L, 2, LUA_TTABLE);
  std::vector<std::string> candidates;
  for (size_t i = 1; i <= lua_objlen(L, 2); ++i) {
    lua_rawgeti(L, 2, static_cast<int>(i));
    if (lua_type(L, -1) != LUA_TSTRING) lua::bad_argument(L, 2, "a list of strings expected");
    candidates.emplace_back(lua::check_string(L, -1));
    lua_pop(L, 1);
  }
  const auto found = nearest(word, candidates);
  if (!found) return 0;
  lua_pushstring(L, found->c_str());
  return 1;
}

}  // namespace

void open_script(lua_State* L, Script& script) {
  lua_newtable(L);
  lua_pushlightuserdata(L, &script);
  lua_pushcclosure(L, lua::entry<script_loading>, 1);
  lua_setfield(L, -2, "loading");
  lua_pushlightuserdata(L, &script);
  lua_pushcclosure(L, lua::entry<script_fault>, 1);
  lua_setfield(L, -2, "fault");
  lua_pushlightuserdata(L, &script);
  lua_pushcclosure(L, lua::entry<script_enter>, 1);
  lua_setfield(L, -2, "enter");
  lua_pushlightuserdata(L, &script);
  lua_pushcclosure(L, lua::entry<script_uuid>, 1);
  lua_setfield(L, -2, "uuid");
  lua_pushcfunction(L, lua::entry<script_nearest>);
  lua_setfield(L, -2, "nearest");
  lua_pushstring(L, script.path().c_str());
  lua_setfield(L, -2, "path");
  lua_pushstring(L, script.name().c_str());
  lua_setfield(L, -2, "name");
  set_global(L, "script");
}

}  // namespace engine
