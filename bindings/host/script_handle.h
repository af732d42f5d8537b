#pragma once

#include "bindings/lua/lua.h"
#include "core/base/slot_map.h"

namespace engine {

// What scripts get for a registration: `handle:cancel()`, `handle:active()`. Returns 1.
int push_handle(lua_State* L, Handle handle);

}  // namespace engine
