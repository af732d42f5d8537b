#include "bindings/host/script_handle.h"

#include "bindings/host/modules.h"
#include "bindings/host/script.h"
#include "bindings/lua/entry.h"

namespace engine {
namespace {

constexpr const char* kHandle = "engine.handle";

Handle check_handle(lua_State* L) { return *static_cast<Handle*>(luaL_checkudata(L, 1, kHandle)); }

// handle:cancel() -> boolean
int handle_cancel(lua_State* L) {
  lua_pushboolean(L, Script::of(L).registrations().remove(check_handle(L)));
  return 1;
}

// handle:active() -> boolean
int handle_active(lua_State* L) {
  const Registration* registration = Script::of(L).registrations().find(check_handle(L));
  lua_pushboolean(L, registration && registration->active());
  return 1;
}

}  // namespace

void open_handle(lua_State* L, Script& script) {
  static constexpr luaL_Reg kMethods[] = {{"cancel", lua::entry<handle_cancel>},
                                          {"active", lua::entry<handle_active>},
                                          {nullptr, nullptr}};
  make_type(L, script, kHandle, kMethods);
}

int push_handle(lua_State* L, Handle handle) {
  *static_cast<Handle*>(lua_newuserdata(L, sizeof(Handle))) = handle;
  luaL_getmetatable(L, kHandle);
  lua_setmetatable(L, -2);
  return 1;
}

}  // namespace engine
