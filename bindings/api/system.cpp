// system: the machine that the engine runs on. The prose stands in scripts/types/system.lua.
#include "bindings/host/modules.h"
#include "bindings/host/script.h"
#include "bindings/lua/entry.h"
#include "bindings/lua/values.h"

namespace engine {
namespace {

// system.health() -> table
int system_health(lua_State* L) {
  lua::push_value(L, Script::of(L).services().health.report());
  return 1;
}

}  // namespace

void open_system(lua_State* L, Script& script) {
  static constexpr luaL_Reg kFunctions[] = {{"health", lua::entry<system_health>},
                                            {nullptr, nullptr}};
  push_module(L, script, "system", kFunctions);
}

}  // namespace engine
