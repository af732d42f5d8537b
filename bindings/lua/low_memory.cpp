#include "bindings/lua/low_memory.h"

#include "bindings/lua/lua.h"

namespace engine::lua {
namespace {

struct Allocator {
  lua_Alloc resize = nullptr;
  void* self = nullptr;

  // It belongs to a state, which is never closed.
  Allocator() {
    if (lua_State* const L = luaL_newstate()) resize = lua_getallocf(L, &self);
  }
};

}  // namespace

void* low_resize(void* block, size_t new_size) {
  static const Allocator kAllocator;
  if (!kAllocator.resize) return nullptr;
  return kAllocator.resize(kAllocator.self, block, 0, new_size);  // It does not ask the old size.
}

}  // namespace engine::lua
