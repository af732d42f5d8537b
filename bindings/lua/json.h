#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bindings/lua/lua.h"
#include "core/base/result.h"

// JSON (RFC 8259) to Lua and back, so that what was decoded encodes to the same document: an empty
// array stays an array, null stays null, numbers keep all 17 digits.
namespace engine::lua {

// Pushes the value; on failure pushes nothing. null becomes `json_null`. Call protected.
Result<void> push_json(lua_State* L, std::string_view text);

// As a Lua function does it: pushes the value, or nil and what is wrong; returns how many.
int push_json_or_error(lua_State* L, std::string_view text);

// The document for the value at `index`. Fails, naming the place, on functions, NaN, mixed keys,
// text that is not UTF-8 and nesting deeper than 100 (which is how a cycle shows).
Result<std::string> to_json(lua_State* L, int index);

// The value that stands for null.
void push_json_null(lua_State* L);
// Marks the table at `index`, so that it encodes as an array also when it is empty.
void mark_json_array(lua_State* L, int index);

}  // namespace engine::lua
