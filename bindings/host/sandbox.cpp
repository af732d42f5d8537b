#include "bindings/host/sandbox.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "bindings/host/prelude.h"
#include "bindings/lua/arguments.h"
#include "bindings/lua/entry.h"
#include "bindings/lua/json.h"

namespace engine {
namespace {

constexpr const char* kInternal = "engine.internal";
constexpr std::uintmax_t kLargestSource = 16 * 1024 * 1024;

// host.read_file(path) -> source | nil
int read_file(lua_State* L) {
  const std::string path(lua::check_string(L, 1));
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error) ||
      std::filesystem::file_size(path, error) > kLargestSource) {
    return 0;
  }
  std::ifstream file(path, std::ios::binary);
  const std::string source{std::istreambuf_iterator<char>(file), {}};
  lua_pushlstring(L, source.data(), source.size());
  return 1;
}

// host.on_required(path)
int on_required(lua_State* L) {
  const auto& options = *static_cast<SandboxOptions*>(lua_touserdata(L, lua_upvalueindex(1)));
  if (options.on_required) options.on_required(std::string(lua::check_string(L, 1)));
  return 0;
}

// host.json_decode(text) -> value | nil, err
int json_decode(lua_State* L) { return lua::push_json_or_error(L, lua::check_string(L, 1)); }

int call_native(lua_State* L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

// host.native(fn) -> fn that is not cut off half-way (it may hold a lock of the C library)
int native(lua_State* L) {
  lua_settop(L, 1);
  lua_pushcclosure(L, lua::entry<call_native>, 1);
  return 1;
}

// As luaL_openlibs, without what scripts cannot reach anyway: io, package, ffi.
void open_libraries(lua_State* L) {
  static constexpr luaL_Reg kLibraries[] = {
      {"", luaopen_base},
      {LUA_TABLIBNAME, luaopen_table},
      {LUA_STRLIBNAME, luaopen_string},
      {LUA_MATHLIBNAME, luaopen_math},
      {LUA_BITLIBNAME, luaopen_bit},
      {LUA_OSLIBNAME, luaopen_os},
      {LUA_DBLIBNAME, luaopen_debug},
      {LUA_JITLIBNAME, luaopen_jit},
  };
  for (const luaL_Reg& library : kLibraries) {
    lua_pushcfunction(L, library.func);
    lua_pushstring(L, library.name);
    lua_call(L, 1, 0);
  }
}

// string.buffer, which its library keeps for a `require`.
void push_buffer_library(lua_State* L) {
  lua_getfield(L, LUA_REGISTRYINDEX, "_PRELOAD");
  lua_getfield(L, -1, "string.buffer");
  lua_remove(L, -2);
  lua_pushliteral(L, "string.buffer");
  lua_call(L, 1, 1);
}

void push_host(lua_State* L, const SandboxOptions& options) {
  lua_newtable(L);
  lua_pushcfunction(L, lua::entry<native>);
  lua_setfield(L, -2, "native");
  lua_pushcfunction(L, lua::entry<read_file>);
  lua_setfield(L, -2, "read_file");
  lua_pushlightuserdata(L, const_cast<SandboxOptions*>(&options));
  lua_pushcclosure(L, lua::entry<on_required>, 1);
  lua_setfield(L, -2, "on_required");
  lua_pushcfunction(L, lua::entry<json_decode>);
  lua_setfield(L, -2, "json_decode");
  push_buffer_library(L);
  lua_setfield(L, -2, "buffer");
  lua_newtable(L);
  lua_setfield(L, -2, "modules");
  lua_pushboolean(L, options.repeatable);
  lua_setfield(L, -2, "repeatable");
  lua_newtable(L);
  const std::string own = std::filesystem::path(options.script).parent_path().string();
  lua_pushlstring(L, own.data(), own.size());
  lua_rawseti(L, -2, 1);
  for (size_t i = 0; i < options.folders.size(); ++i) {
    lua_pushlstring(L, options.folders[i].data(), options.folders[i].size());
    lua_rawseti(L, -2, static_cast<int>(i) + 2);
  }
  lua_setfield(L, -2, "folders");
}

}  // namespace

void open_sandbox(lua_State* L, const SandboxOptions& options) {
  open_libraries(L);
  if (luaL_loadbufferx(L, kPrelude.data(), kPrelude.size(), "=prelude", "t") != 0) lua_error(L);
  push_host(L, options);
  lua_call(L, 1, 1);
  lua_setfield(L, LUA_REGISTRYINDEX, kInternal);
}

void push_internal(lua_State* L, const char* name) {
  lua_getfield(L, LUA_REGISTRYINDEX, kInternal);
  lua_getfield(L, -1, name);
  lua_remove(L, -2);
}

void push_environment(lua_State* L) { push_internal(L, "env"); }

void set_global(lua_State* L, const char* name) {
  push_internal(L, "set_global");
  lua_pushstring(L, name);
  lua_pushvalue(L, -3);
  lua_call(L, 2, 0);
}

}  // namespace engine
