#include "bindings/host/message_arguments.h"

#include "bindings/lua/arguments.h"
#include "bindings/lua/json.h"
#include "core/bus/topic.h"

namespace engine {
namespace {

std::string checked_topic(lua_State* L, int index, Result<void> (*check)(std::string_view)) {
  const std::string_view text = lua::check_string(L, index);
  const auto valid = check(text);
  if (!valid) lua::bad_argument(L, index, valid.error().message);
  return std::string(text);
}

}  // namespace

std::string check_topic_name(lua_State* L, int index) {
  return checked_topic(L, index, &topic::check_name);
}

std::string check_topic_filter(lua_State* L, int index) {
  return checked_topic(L, index, &topic::check_filter);
}

std::string check_payload(lua_State* L, int index) {
  switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
      return lua_toboolean(L, index) ? "true" : "false";
    case LUA_TSTRING:
      return std::string(lua::check_string(L, index));
    case LUA_TNUMBER:
    case LUA_TTABLE: {
      auto text = lua::to_json(L, index);
      if (text) return std::move(*text);
      lua::bad_argument(L, index, text.error().message);
    }
    default:
      lua::bad_argument(L, index,
                        std::string("payload: string, number, boolean or table expected,") +
                            " got " + luaL_typename(L, index));
  }
}

}  // namespace engine
