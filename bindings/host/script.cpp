#include "bindings/host/script.h"

#include <fmt/format.h>

#include <cstring>
#include <filesystem>
#include <utility>

#include "bindings/host/modules.h"
#include "bindings/host/reload.h"

namespace engine {
namespace {

using Body = std::function<void(lua_State*)>;

// Message and traceback in one string, split again by `report`.
int add_traceback(lua_State* L) {
  const char* message = lua_tostring(L, 1);
  if (!message) message = lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
  if (std::strstr(message, "\nstack traceback:")) return 1;
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

// `room1.lua:12`, of the function at the top of the stack, which it takes.
std::string place_of_function(lua_State* L) {
  lua_Debug info{};
  lua_getinfo(L, ">S", &info);
  return *info.source == '@' ? fmt::format("{}:{}", info.source + 1, info.linedefined) : "";
}

// The line in `file` from which the coroutine will go on, else one of a library; empty for one that
// has not begun.
std::string place_of_coroutine(lua_State* co, std::string_view file) {
  std::string place;
  lua_Debug info{};
  for (int level = 0; lua_getstack(co, level, &info) != 0; ++level) {
    lua_getinfo(co, "Sl", &info);
    if (*info.source != '@' || info.currentline < 0) continue;
    place = fmt::format("{}:{}", info.source + 1, info.currentline);
    if (file == info.source + 1) break;
  }
  return place;
}

}  // namespace

std::string CallContext::name() const {
  return detail.empty() ? callback : fmt::format("{} {}", callback, detail);
}

Script::Script(Services& services, const ScriptOptions& options, std::string path,
               Supervision supervision, bool jit)
    : services_(services),
      path_(std::move(path)),
      supervision_(std::move(supervision)),
      jit_(jit),
      sandbox_{.folders = options.library_folders,
               .script = path_,
               .repeatable = options.repeatable,
               .on_required = [this](const std::string& file) { dependencies_.insert(file); }},
      uuids_(options.repeatable ? Uuids(name()) : Uuids()),
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

Result<void> Script::load(std::string_view source, const std::string& former_state,
                          const Body& prepare) {
  const bool ready = run({"start"}, [&](lua_State* L) {
    open_sandbox(L, sandbox_);  // Turns the JIT on.
    if (!jit_) luaJIT_setmode(L, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF);
    open_modules(L, *this);
    decode_state(former_state);
    if (prepare) prepare(L);
  });
  if (!ready) return fail(fmt::format("{}: the script host could not start it", path_));
  return run_main_chunk(source);
}

Result<void> Script::run_main_chunk(std::string_view source) {
  const std::string chunk_name = "@" + path_;
  const auto error = attempt({"start"}, [&](lua_State* L) {
    if (luaL_loadbufferx(L, source.data(), source.size(), chunk_name.c_str(), "t") != 0) {
      lua_error(L);
    }
    push_environment(L);
    lua_setfenv(L, -2);
    lua::call(L, 0, 0);
    lua_gc(L, LUA_GCCOLLECT, 0);  // What compiling has left.
  });
  if (!error) return {};
  // Where the script itself is at fault, its line says it all; else the way there is of use.
  if (error->starts_with(path_ + ":")) return fail(error->substr(0, error->find("\nstack tr")));
  const bool located = error->find(path_) != std::string::npos;
  return fail(located ? *error : fmt::format("{}: {}", path_, *error));
}

void Script::commit(Script* former) {
  registrations_.commit(former ? &former->registrations_ : nullptr);
}

bool Script::run(const CallContext& context, const Body& body) {
  if (abandoned()) return false;
  const auto error = attempt(context, body);
  if (error) report(context, *error);
  return !error;
}

Result<void> Script::try_run(const CallContext& context, const Body& body) {
  if (abandoned()) return fail("the script is about to be started again");
  const auto error = attempt(context, body);
  if (!error) return {};
  if (broken_) report(context, *error);
  return fail(error->substr(0, error->find("\nstack traceback:")));
}

std::optional<std::string> Script::attempt(const CallContext& context, const Body& body) {
  lua_State* L = vm_.state();
  const int top = lua_gettop(L);
  if (!lua_checkstack(L, 8)) return "not enough memory";
  traceback_.push(L);
  trampoline_.push(L);
  lua_pushlightuserdata(L, const_cast<Body*>(&body));
  ++depth_;
  stop_reported_ = false;
  SlowCallbacks::Stopwatch watch(supervision_.slow);
  const Watchdog::Outcome outcome = supervision_.watchdog.call(vm_, 1, 0, top + 1);
  const Duration took = watch.stop();
  --depth_;
  if (outcome.by_force) broken_ = true;
  if (outcome.status == lua::Vm::kAbandoned) return outcome.stop;
  if (outcome.stop.empty()) report_if_slow(context, took);
  std::optional<std::string> error;
  if (outcome.status == LUA_ERRMEM) {
    lua_gc(L, LUA_GCCOLLECT, 0);  // LuaJIT does not by itself.
    if (is_performing(*this)) broken_ = true;
  }
  if (outcome.status != 0) {
    const char* text = lua_tostring(L, -1);
    error = text ? text : "error object is not a string";
  } else if (!outcome.stop.empty() && !stop_reported_) {
    error = outcome.stop;  // The script has kept it.
  }
  lua_settop(L, top);
  return error;
}

void Script::report(const CallContext& context, const std::string& text) {
  stop_reported_ = true;
  const size_t split = text.find("\nstack traceback:");
  Fault fault{.script = path_,
              .callback = context.name(),
              .topic = std::string(context.topic),
              .message = text.substr(0, split),
              .traceback = split == std::string::npos ? std::string{} : text.substr(split + 1)};
  supervision_.on_fault(fault);
}

void Script::enter(lua_State* L, int index) {
  if (lua_State* co = lua_tothread(L, index)) {
    std::string place = place_of_coroutine(co, path_);
    if (!place.empty()) entered_ = std::move(place);
  } else {
    lua_pushvalue(L, index);
    entered_ = place_of_function(L);
  }
}

void Script::report_if_slow(const CallContext& context, Duration took) {
  std::string place = std::exchange(entered_, {});
  if (!supervision_.slow.is_slow(took)) return;
  if (place.empty() && context.function) {
    context.function->push(vm_.state());
    place = place_of_function(vm_.state());
  }
  supervision_.slow.report(path_, context.name(), place, took);
}

std::string Script::encoded_state(std::vector<std::string>& dropped) {
  std::string encoded;
  run({"state"}, [&](lua_State* L) {
    push_internal(L, "encode_state");
    lua::call(L, 0, 2);
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
