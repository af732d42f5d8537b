#include "bindings/lua/ref.h"

namespace engine::lua {
namespace {

constexpr int kMainStateSlot = -1;  // A key of the registry that luaL_ref never uses.

}  // namespace

lua_State* Ref::main_state(lua_State* L) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, kMainStateSlot);
  lua_State* main = lua_tothread(L, -1);
  lua_pop(L, 1);
  return main;
}

void Ref::remember_main_state(lua_State* L) {
  lua_pushthread(L);
  lua_rawseti(L, LUA_REGISTRYINDEX, kMainStateSlot);
}

}  // namespace engine::lua
