#include "bindings/host/library_function.h"

#include "bindings/host/modules.h"
#include "bindings/host/sandbox.h"
#include "bindings/lua/vm.h"

namespace engine {
namespace {

constexpr size_t kMemoryCap = 256 * 1024 * 1024;

struct Call {
  const SandboxOptions& sandbox;
  const std::string& module;
  const std::string& function;
  const std::vector<std::string>& arguments;
};

// Leaves the two results of the call on the stack.
int make_call(lua_State* L) {
  const Call& call = *static_cast<const Call*>(lua_touserdata(L, 1));
  open_sandbox(L, call.sandbox);
  open_json(L);
  push_environment(L);
  lua_getfield(L, -1, "require");
  lua_pushstring(L, call.module.c_str());
  lua_call(L, 1, 1);
  lua_getfield(L, -1, call.function.c_str());
  for (const std::string& argument : call.arguments) {
    lua_pushlstring(L, argument.data(), argument.size());
  }
  lua_call(L, static_cast<int>(call.arguments.size()), 2);
  return 2;
}

std::string text_at(lua_State* L, int index) {
  size_t length = 0;
  const char* text = lua_tolstring(L, index, &length);
  return text ? std::string(text, length) : std::string("an error without a message");
}

}  // namespace

Result<std::string> call_library(const std::vector<std::string>& library_folders,
                                 const std::string& module, const std::string& function,
                                 const std::vector<std::string>& arguments) {
  const SandboxOptions sandbox{.folders = library_folders, .script = {}, .on_required = {}};
  Call call{sandbox, module, function, arguments};
  lua::Vm vm(kMemoryCap);
  lua_State* L = vm.state();
  lua_pushcfunction(L, make_call);
  lua_pushlightuserdata(L, &call);
  if (vm.call(1, 2, 0) != 0 || lua_isnil(L, -2)) return fail(text_at(L, -1));
  return text_at(L, -2);
}

}  // namespace engine
