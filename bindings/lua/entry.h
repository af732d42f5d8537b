#pragma once

#include <exception>

#include "bindings/lua/lua.h"

namespace engine::lua {

// Makes a Lua function of a C++ one: an exception becomes an error at the script's line.
template <lua_CFunction F>
int entry(lua_State* L) {
  try {
    return F(L);
  } catch (const std::exception& e) {  // Never catch (...): it swallows Lua errors.
    luaL_where(L, 1);
    lua_pushstring(L, e.what());
    lua_concat(L, 2);
  }
  return lua_error(L);  // Outside the handler: `e` is destroyed already.
}

}  // namespace engine::lua
