#pragma once

#include <cstddef>

namespace engine::lua {

// Memory at addresses below 2^47, which are all that LuaJIT can use. malloc's are beyond them where
// the kernel gives programs 48 bits, as Debian's for ARM64 does. By LuaJIT's own allocator, which
// looks for such addresses; aligned to 8 bytes. Engine thread only.

// As realloc; a size of 0 frees.
void* low_resize(void* block, size_t new_size);

}  // namespace engine::lua
