#pragma once

#include <set>
#include <string>

#include "bindings/host/sandbox.h"
#include "bindings/host/script.h"

namespace engine::test {

using Names = std::set<std::string>;

// The functions of the table on top of the stack.
inline void add_functions(lua_State* L, const std::string& prefix, Names& names) {
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    if (lua_isfunction(L, -1)) names.insert(prefix + lua_tostring(L, -2));
  }
}

// Leaves what stands behind the frozen table, or the methods of the metatable, on top of the stack.
inline bool push_index(lua_State* L) {
  if (!lua_getmetatable(L, -1)) return false;
  lua_getfield(L, -1, "__index");
  lua_remove(L, -2);
  if (lua_istable(L, -1)) return true;
  lua_pop(L, 1);
  return false;
}

inline void add_modules(lua_State* L, Names& names) {
  static const Names kLuas = {"string", "table", "math", "bit", "coroutine", "os", "debug"};
  push_environment(L);
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    const std::string name = lua_tostring(L, -2);
    if (!lua_istable(L, -1) || kLuas.count(name) > 0 || !push_index(L)) continue;
    add_functions(L, name + ".", names);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

inline void add_methods(lua_State* L, const char* metatable, const std::string& prefix,
                        Names& names) {
  luaL_getmetatable(L, metatable);
  lua_getfield(L, -1, "__index");
  add_functions(L, prefix, names);
  lua_pop(L, 2);
}

// What C++ has registered in a script's VM: "mqtt.publish", "Handle:cancel".
inline Names registered(Script& script) {
  Names names;
  script.run({"registered"}, [&](lua_State* L) {
    add_modules(L, names);
    add_methods(L, "engine.handle", "Handle:", names);
    add_methods(L, "engine.stage.scene", "Scene:", names);
    add_methods(L, "engine.performance", "Performance:", names);
    add_methods(L, "engine.series", "Series:", names);
    add_methods(L, "engine.runs", "Runs:", names);
  });
  return names;
}

}  // namespace engine::test
