#pragma once

#include <exception>

#include "bindings/lua/lua.h"
#include "bindings/lua/vm.h"

namespace engine::lua {

// Makes a Lua function of a C++ one: an exception becomes an error at the script's line, and a
// script that is to be stopped ends here, before or after the function but not within.
template <lua_CFunction F>
int entry(lua_State* L) {
  Vm& vm = Vm::of(L);
  try {
    vm.check_stop(L);
    int results = 0;
    {
      const Vm::NativeSection native(vm);
      results = F(L);
    }
    vm.check_stop(L);
    return results;
  } catch (const std::exception& e) {  // Never catch (...): it swallows Lua errors.
    if (!vm.abandoned()) {
      luaL_where(L, 1);
      lua_pushstring(L, e.what());
      lua_concat(L, 2);
    }
  }
  vm.leave_if_abandoned();
  return lua_error(L);  // Outside the handler: `e` is destroyed already.
}

}  // namespace engine::lua
