// script: the running script itself. The prose stands in scripts/types/script.lua.
#include "bindings/host/script.h"

#include "bindings/host/modules.h"
#include "bindings/host/sandbox.h"
#include "bindings/lua/entry.h"

namespace engine {
namespace {

// script.loading() -> boolean
int script_loading(lua_State* L) {
  lua_pushboolean(L, Script::of(L).registrations().staging());
  return 1;
}

}  // namespace

void open_script(lua_State* L, Script& script) {
  lua_newtable(L);
  lua_pushlightuserdata(L, &script);
  lua_pushcclosure(L, lua::entry<script_loading>, 1);
  lua_setfield(L, -2, "loading");
  lua_pushstring(L, script.path().c_str());
  lua_setfield(L, -2, "path");
  lua_pushstring(L, script.name().c_str());
  lua_setfield(L, -2, "name");
  set_global(L, "script");
}

}  // namespace engine
