#include "bindings/lua/values.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "bindings/lua/json.h"

namespace engine::lua {

void push_value(lua_State* L, const nlohmann::json& value) {
  const auto pushed = push_json(L, value.dump());
  if (!pushed) throw std::runtime_error(pushed.error().message);
}

}  // namespace engine::lua
