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

Result<std::string> to_payload(lua_State* L, int index) {
  switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
      return std::string(lua_toboolean(L, index) ? "true" : "false");
    case LUA_TSTRING:
      return std::string(lua::check_string(L, index));
    case LUA_TNUMBER:
    case LUA_TTABLE:
      return lua::to_json(L, index);
    default:
      return fail(std::string("payload: string, number, boolean or table expected, got ") +
                  (lua_isnoneornil(L, index) ? "nothing" : luaL_typename(L, index)));
  }
}

std::string check_payload(lua_State* L, int index) {
  auto payload = to_payload(L, index);
  if (!payload) lua::bad_argument(L, index, payload.error().message);
  return std::move(*payload);
}

}  // namespace engine
