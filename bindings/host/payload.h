#pragma once

#include <string>

#include "bindings/lua/lua.h"

namespace engine {

// The payload at `index`: a string as it is, a number or boolean as text, a table as JSON. Raises on
// anything else.
std::string check_payload(lua_State* L, int index);

}  // namespace engine
