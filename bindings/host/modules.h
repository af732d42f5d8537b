#pragma once

#include "bindings/lua/lua.h"

namespace engine {

class Script;

// The table of contents: every module that C++ gives to scripts, one file of bindings/api each.
void open_config(lua_State* L, Script& script);
void open_devices(lua_State* L, Script& script);
void open_feedback(lua_State* L, Script& script);
void open_handle(lua_State* L, Script& script);
void open_json(lua_State* L);  // Needs no runtime.
void open_log(lua_State* L, Script& script);
void open_media(lua_State* L, Script& script);
void open_mqtt(lua_State* L, Script& script);
void open_os(lua_State* L, Script& script);
void open_script(lua_State* L, Script& script);
void open_stage(lua_State* L, Script& script);
void open_store(lua_State* L, Script& script);
void open_system(lua_State* L, Script& script);
void open_timer(lua_State* L, Script& script);

// Adds history (series, runs) to the table `store`, which lies on top of the stack.
void add_history(lua_State* L, Script& script);

// Opens them all as globals of the script's environment.
void open_modules(lua_State* L, Script& script);

// Makes the global table `name` from `functions`, each with the script as its first upvalue, and
// leaves it on the stack.
void push_module(lua_State* L, Script& script, const char* name, const luaL_Reg* functions);

// Makes the userdata type `name`, whose `methods` have the script as their first upvalue.
void make_type(lua_State* L, Script& script, const char* name, const luaL_Reg* methods);

}  // namespace engine
