// config: what the configuration has for scripts. The prose stands in scripts/types/config.lua.
#include "bindings/host/modules.h"
#include "bindings/host/sandbox.h"
#include "bindings/host/script.h"
#include "bindings/lua/values.h"

namespace engine {

void open_config(lua_State* L, Script& script) {
  lua::push_value(L, script.services().config);
  set_global(L, "config");
}

}  // namespace engine
