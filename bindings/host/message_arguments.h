#pragma once

#include <string>

#include "bindings/lua/lua.h"
#include "core/base/result.h"

// Checks of the arguments that make a message. Each raises at the script's line.
namespace engine {

std::string check_topic_name(lua_State* L, int index);
std::string check_topic_filter(lua_State* L, int index);
// The payload at `index`: a string as it is, a number or boolean as text, a table as JSON.
std::string check_payload(lua_State* L, int index);
// The same, for who says himself where the payload stands.
Result<std::string> to_payload(lua_State* L, int index);

}  // namespace engine
