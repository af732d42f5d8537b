#include "bindings/host/modules.h"

#include "bindings/host/sandbox.h"

namespace engine {

void open_modules(lua_State* L, Script& script) {
  using Open = void (*)(lua_State*, Script&);
  for (const Open open :
       {open_handle, open_log, open_os, open_config, open_script, open_timer, open_mqtt,
        open_devices, open_feedback, open_media, open_stage, open_store, open_system}) {
    open(L, script);
    lua_settop(L, 0);
  }
  open_json(L);
  lua_settop(L, 0);
}

void push_module(lua_State* L, Script& script, const char* name, const luaL_Reg* functions) {
  lua_newtable(L);
  lua_pushlightuserdata(L, &script);
  luaL_setfuncs(L, functions, 1);
  set_global(L, name);
}

void make_type(lua_State* L, Script& script, const char* name, const luaL_Reg* methods) {
  luaL_newmetatable(L, name);
  lua_newtable(L);
  lua_pushlightuserdata(L, &script);
  luaL_setfuncs(L, methods, 1);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, false);
  lua_setfield(L, -2, "__metatable");
}

}  // namespace engine
