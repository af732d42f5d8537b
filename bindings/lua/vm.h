#pragma once

#include <cstddef>

#include "bindings/lua/lua.h"

namespace engine::lua {

// One LuaJIT virtual machine whose memory is capped: an allocation beyond the cap fails as a Lua
// "not enough memory" error, and the VM works on afterwards.
class Vm {
 public:
  explicit Vm(size_t memory_cap_bytes);
  ~Vm();
  Vm(const Vm&) = delete;
  Vm& operator=(const Vm&) = delete;

  lua_State* state() { return state_; }
  size_t memory_used() const { return used_; }
  size_t memory_cap() const { return cap_; }

 private:
  static void* allocate(void* self, void* block, size_t old_size, size_t new_size);

  const size_t cap_;
  size_t used_ = 0;
  lua_State* state_;
};

}  // namespace engine::lua
