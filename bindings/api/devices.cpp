// devices: which devices are there. The prose stands in scripts/types/devices.lua.
#include "bindings/host/modules.h"
#include "bindings/host/script.h"
#include "bindings/host/script_listener.h"
#include "bindings/lua/arguments.h"
#include "bindings/lua/entry.h"

namespace engine {
namespace {

// In Unix time; a time that has not come yet is left out.
void set_time(lua_State* L, const char* field, WallTime time) {
  if (time == WallTime{}) return;
  lua_pushnumber(L, std::chrono::duration<double>(time.time_since_epoch()).count());
  lua_setfield(L, -2, field);
}

void push_device(lua_State* L, const Device& device) {
  lua_createtable(L, 0, 7);
  lua_pushlstring(L, device.id.data(), device.id.size());
  lua_setfield(L, -2, "id");
  lua_pushstring(L, to_string(device.presence));
  lua_setfield(L, -2, "presence");
  lua_pushboolean(L, device.was_online);
  lua_setfield(L, -2, "was_online");
  set_time(L, "first_seen", device.first_seen);
  set_time(L, "last_seen", device.last_seen);
  set_time(L, "changed", device.changed);
  lua_pushinteger(L, device.outages);
  lua_setfield(L, -2, "outages");
}

// devices.list() -> array of devices
int devices_list(lua_State* L) {
  const auto all = Script::of(L).services().devices.all();
  lua_newtable(L);
  for (size_t i = 0; i < all.size(); ++i) {
    push_device(L, all[i]);
    lua_rawseti(L, -2, static_cast<int>(i) + 1);
  }
  return 1;
}

// devices.get(id) -> device | nil
int devices_get(lua_State* L) {
  const std::string id(lua::check_string(L, 1));
  const auto device = Script::of(L).services().devices.find(id);
  if (!device) return 0;
  push_device(L, *device);
  return 1;
}

// devices.on_change(fn) -> handle
int devices_on_change(lua_State* L) {
  lua::check_function(L, 1);
  return listen(L, Script::of(L).services().devices.on_change, 1, "devices.on_change",
                [](lua_State* to, const Device& device, Presence before) {
                  push_device(to, device);
                  lua_pushstring(to, to_string(before));
                  return 2;
                });
}

}  // namespace

void open_devices(lua_State* L, Script& script) {
  static constexpr luaL_Reg kFunctions[] = {{"list", lua::entry<devices_list>},
                                            {"get", lua::entry<devices_get>},
                                            {"on_change", lua::entry<devices_on_change>},
                                            {nullptr, nullptr}};
  push_module(L, script, "devices", kFunctions);
}

}  // namespace engine
