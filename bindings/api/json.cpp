// json: text to values and back. The prose stands in scripts/types/json.lua.
#include "bindings/lua/json.h"

#include <string>

#include "bindings/host/modules.h"
#include "bindings/host/sandbox.h"
#include "bindings/lua/arguments.h"
#include "bindings/lua/entry.h"

namespace engine {
namespace {

// json.encode(value) -> string
int json_encode(lua_State* L) {
  luaL_checkany(L, 1);
  const auto text = lua::to_json(L, 1);
  if (!text) lua::bad_argument(L, 1, text.error().message);
  lua_pushlstring(L, text->data(), text->size());
  return 1;
}

// json.decode(text) -> value | nil, err
int json_decode(lua_State* L) { return lua::push_json_or_error(L, lua::check_string(L, 1)); }

// json.array(table) -> table
int json_array(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua::mark_json_array(L, 1);
  return 1;
}

}  // namespace

void open_json(lua_State* L) {
  static constexpr luaL_Reg kFunctions[] = {{"encode", lua::entry<json_encode>},
                                            {"decode", lua::entry<json_decode>},
                                            {"array", lua::entry<json_array>},
                                            {nullptr, nullptr}};
  lua_newtable(L);
  luaL_setfuncs(L, kFunctions, 0);
  lua::push_json_null(L);
  lua_setfield(L, -2, "null");
  set_global(L, "json");
}

}  // namespace engine
