#include "bindings/host/script.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "bindings/host/modules.h"
#include "bindings/lua/stack_guard.h"

namespace engine {
namespace {

using Body = std::function<void(lua_State*)>;

// Message and traceback in one string, split again by `report`.
int add_traceback(lua_State* L) {
  const char* message = lua_tostring(L, 1);
  if (!message) message = lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
  luaL_traceback(L, L, message, 1);
  return 1;
}

int call_body(lua_State* L) {
  const Body& body = *static_cast<const Body*>(lua_touserdata(L, 1));
  lua_settop(L, 0);
  try {
    body(L);
    return 0;
  } catch (const std::exception& e) {
    lua_pushstring(L, e.what());
  }
  return lua_error(L);
}

}  // namespace

Script::Script(Services& services, const ScriptOptions& options, std::string path,
               std::function<void(const Fault&)> on_fault)
    : services_(services),
      path_(std::move(path)),
      on_fault_(std::move(on_fault)),
      sandbox_{.folders = options.library_folders,
               .script = path_,
               .repeatable = options.repeatable,
               .on_required = [this](const std::string& file) { dependencies_.insert(file); }},
      vm_(options.memory_cap_bytes) {
  lua_State* L = vm_.state();
  lua::Ref::remember_main_state(L);
  lua_pushcfunction(L, call_body);
  trampoline_ = lua::Ref(L, -1);
  lua_pushcfunction(L, add_traceback);
  traceback_ = lua::Ref(L, -1);
  lua_settop(L, 0);
}

Script::~Script() { registrations_.release(Registrations::Which::all); }

Script& Script::of(lua_State* L) {
  return *static_cast<Script*>(lua_touserdata(L, lua_upvalueindex(1)));
}

std::string Script::name() const { return std::filesystem::path(path_).stem().string(); }

Result<void> Script::load(std::string_view source, const std::string& former_state) {
  const bool ready = run({"start"}, [&](lua_State* L) {
    open_sandbox(L, sandbox_);
    open_modules(L, *this);
    decode_state(former_state);
  });
  if (!ready) return fail(fmt::format("{}: the script host could not start it", path_));
  return run_main_chunk(source);
}

Result<void> Script::run_main_chunk(std::string_view source) {
  lua_State* L = vm_.state();
  const lua::StackGuard guard(L);
  const std::string chunk_name = "@" + path_;
  traceback_.push(L);
  int status = luaL_loadbufferx(L, source.data(), source.size(), chunk_name.c_str(), "t");
  if (status == 0) {
    push_environment(L);
    lua_setfenv(L, -2);
    ++depth_;
    status = lua_pcall(L, 0, 0, -2);
    --depth_;
  }
  if (status == 0) return {};
  const char* text = lua_tostring(L, -1);
  const std::string message = text ? text : "error object is not a string";
  // Where the script itself is at fault, its line says it all; else the way there is of use.
  if (message.starts_with(path_ + ":")) return fail(message.substr(0, message.find("\nstack tr")));
  const bool located = message.find(path_) != std::string::npos;
  return fail(located ? message : fmt::format("{}: {}", path_, message));
}

void Script::commit(Script* former) {
  registrations_.commit(former ? &former->registrations_ : nullptr);
}

bool Script::run(const CallContext& context, const Body& body) {
  lua_State* L = vm_.state();
  const lua::StackGuard guard(L);
  if (!lua_checkstack(L, 8)) {
    report(context, "not enough memory");
    return false;
  }
  traceback_.push(L);
  const int handler = lua_gettop(L);
  trampoline_.push(L);
  lua_pushlightuserdata(L, const_cast<Body*>(&body));
  ++depth_;
  const int status = lua_pcall(L, 1, 0, handler);
  --depth_;
  if (status == 0) return true;
  if (status == LUA_ERRMEM) lua_gc(L, LUA_GCCOLLECT, 0);  // LuaJIT does not by itself.
  const char* text = lua_tostring(L, -1);
  report(context, text ? text : "error object is not a string");
  return false;
}

void Script::report(const CallContext& context, const std::string& text) {
  const size_t split = text.find("\nstack traceback:");
  Fault fault{.script = path_,
              .callback = std::string(context.callback),
              .topic = std::string(context.topic),
              .message = text.substr(0, split),
              .traceback = split == std::string::npos ? std::string{} : text.substr(split + 1)};
  if (!context.detail.empty()) fault.callback += " " + std::string(context.detail);
  on_fault_(fault);
}

std::string Script::encoded_state(std::vector<std::string>& dropped) {
  std::string encoded;
  run({"state"}, [&](lua_State* L) {
    push_internal(L, "encode_state");
    lua_call(L, 0, 2);
    size_t length = 0;
    const char* bytes = lua_tolstring(L, -2, &length);
    encoded.assign(bytes, length);
    for (size_t i = 1; i <= lua_objlen(L, -1); ++i) {
      lua_rawgeti(L, -1, static_cast<int>(i));
      dropped.emplace_back(lua_tostring(L, -1));
      lua_pop(L, 1);
    }
  });
  return encoded;
}

void Script::decode_state(const std::string& encoded) {
  lua_State* L = vm_.state();
  push_internal(L, "decode_state");
  lua_pushlstring(L, encoded.data(), encoded.size());
  lua_call(L, 1, 0);
}

}  // namespace engine
