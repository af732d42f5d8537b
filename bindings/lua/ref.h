#pragma once

#include <utility>

#include "bindings/lua/vm.h"

namespace engine::lua {

// Keeps a Lua value alive from C++. Must be destroyed before its VM.
class Ref {
 public:
  Ref() = default;
  // Takes the value at `index`; it stays on the stack. May raise (out of memory).
  Ref(lua_State* L, int index) : L_(main_state(L)) {
    lua_pushvalue(L, index);
    id_ = luaL_ref(L, LUA_REGISTRYINDEX);
  }
  Ref(Ref&& other) noexcept
      : L_(std::exchange(other.L_, nullptr)), id_(std::exchange(other.id_, LUA_NOREF)) {}
  Ref& operator=(Ref&& other) noexcept {
    std::swap(L_, other.L_);
    std::swap(id_, other.id_);
    return *this;
  }
  ~Ref() {
    if (L_ && !Vm::of(L_).abandoned()) luaL_unref(L_, LUA_REGISTRYINDEX, id_);
  }

  // Allocates nothing.
  void push(lua_State* L) const { lua_rawgeti(L, LUA_REGISTRYINDEX, id_); }
  explicit operator bool() const { return L_ != nullptr; }

  // The coroutine that makes a reference may be gone when it is released.
  static lua_State* main_state(lua_State* L);
  // Once for each VM, before the first Ref.
  static void remember_main_state(lua_State* L);

 private:
  lua_State* L_ = nullptr;
  int id_ = LUA_NOREF;
};

}  // namespace engine::lua
