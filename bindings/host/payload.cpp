#include "bindings/host/payload.h"

#include "bindings/lua/arguments.h"
#include "bindings/lua/json.h"

namespace engine {

std::string check_payload(lua_State* L, int index) {
  switch (lua_type(L, index)) {
    case LUA_TBOOLEAN: return lua_toboolean(L, index) ? "true" : "false";
    case LUA_TSTRING: return std::string(lua::check_string(L, index));
    case LUA_TNUMBER:
    case LUA_TTABLE: {
      auto text = lua::to_json(L, index);
      if (text) return std::move(*text);
      lua::bad_argument(L, index, text.error().message);
    }
    default:
      lua::bad_argument(L, index, std::string("payload: string, number, boolean or table expected,") +
                                      " got " + luaL_typename(L, index));
  }
}

}  // namespace engine
