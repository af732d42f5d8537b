#include "bindings/lua/vm.h"

#include <cstdio>
#include <cstdlib>
#include <new>

namespace engine::lua {
namespace {

// Only reached when C++ calls Lua unprotected, which is a defect of ours.
int panic(lua_State* L) {
  const char* text = lua_tostring(L, -1);
  std::fprintf(stderr, "engine: unprotected Lua error: %s\n", text ? text : "?");
  std::abort();
}

}  // namespace

Vm::Vm(size_t memory_cap_bytes)
    : cap_(memory_cap_bytes), state_(lua_newstate(&Vm::allocate, this)) {
  if (!state_) throw std::bad_alloc();
  lua_atpanic(state_, panic);
}

Vm::~Vm() { lua_close(state_); }

void* Vm::allocate(void* self, void* block, size_t old_size, size_t new_size) {
  Vm& vm = *static_cast<Vm*>(self);
  if (new_size == 0) {
    std::free(block);
    vm.used_ -= old_size;
    return nullptr;
  }
  if (new_size > old_size && vm.used_ + (new_size - old_size) > vm.cap_) return nullptr;
  void* moved = std::realloc(block, new_size);
  if (moved) vm.used_ += new_size - old_size;
  return moved;
}

}  // namespace engine::lua
