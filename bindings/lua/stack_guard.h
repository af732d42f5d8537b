#pragma once

#include <cassert>

#include "bindings/lua/lua.h"

namespace engine::lua {

// Puts the stack back to its height: what a scope pushes does not outlive it.
class StackGuard {
 public:
  explicit StackGuard(lua_State* L) : L_(L), top_(lua_gettop(L)) {}
  ~StackGuard() {
    assert(lua_gettop(L_) >= top_);
    lua_settop(L_, top_);
  }
  StackGuard(const StackGuard&) = delete;
  StackGuard& operator=(const StackGuard&) = delete;

 private:
  lua_State* L_;
  int top_;
};

}  // namespace engine::lua
