#pragma once

#include <nlohmann/json_fwd.hpp>

#include "bindings/lua/lua.h"

namespace engine::lua {

// Pushes a document as Lua tables, strings, numbers and booleans. Call protected.
void push_value(lua_State* L, const nlohmann::json& value);

}  // namespace engine::lua
