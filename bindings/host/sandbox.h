#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bindings/lua/lua.h"

namespace engine {

struct SandboxOptions {
  // Where `require "a.b"` looks for a/b.lua: the script's own folder, then these.
  std::vector<std::string> folders;
  std::string script;
  // `pairs` goes by the order of the keys, so that two runs are the same: LuaJIT's own order
  // differs from VM to VM.
  bool repeatable = false;
  std::function<void(const std::string& file)> on_required;
};

// Prepares a new VM: the standard libraries that cannot reach the machine (base, string, table,
// math, bit, coroutine, os.time/date/clock), frozen, in a fresh environment; `require` limited to
// the given folders; the table `state`. It guards against mistakes, not against a hostile author.
// `options` must outlive the VM. Call protected.
void open_sandbox(lua_State* L, const SandboxOptions& options);

// The environment in which scripts and what they require run.
void push_environment(lua_State* L);
// Makes what is on top of the stack a global of scripts, frozen if it is a table; it stays there.
void set_global(lua_State* L, const char* name);
// A function of prelude.lua.
void push_internal(lua_State* L, const char* name);

}  // namespace engine
