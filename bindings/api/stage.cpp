// stage: the scenes of all scripts. The prose stands in scripts/types/stage.lua.
#include "core/stage/stage.h"

#include <fmt/format.h>

#include <algorithm>

#include "bindings/host/lua_scene.h"
#include "bindings/host/modules.h"
#include "bindings/host/script.h"
#include "bindings/host/script_listener.h"
#include "bindings/lua/arguments.h"
#include "bindings/lua/entry.h"
#include "core/base/nearest.h"

namespace engine {
namespace {

constexpr const char* kScene = "engine.stage.scene";

Stage& stage_of(lua_State* L) { return Script::of(L).services().stage; }

// nothing -> true; an error -> nil, message.
int push_result(lua_State* L, const Result<void>& result) {
  if (result) {
    lua_pushboolean(L, true);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, result.error().message.c_str());
  return 2;
}

// Two scripts must not both have a scene of this name; one script and its next version may.
std::optional<std::string> owner_elsewhere(Script& script, const std::string& name) {
  for (const Stage::Listed& scene : script.services().stage.list()) {
    if (scene.info.name == name && scene.info.script != script.path()) return scene.info.script;
  }
  return std::nullopt;
}

// The table of functions at the top of the stack, for which `argument` was given.
void check_control(lua_State* L, int argument) {
  static const std::vector<std::string> kFunctions = {"go",     "stop",  "pause",        "resume",
                                                      "jump",   "seek",  "status",       "settled",
                                                      "export", "adopt", "restart_mode", "recover"};
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    const bool named = lua_type(L, -2) == LUA_TSTRING;
    const std::string name = named ? lua_tostring(L, -2) : luaL_typename(L, -2);
    if (std::find(kFunctions.begin(), kFunctions.end(), name) == kFunctions.end()) {
      const auto meant = nearest(name, kFunctions);
      lua::bad_argument(
          L, argument,
          fmt::format("control: unknown function '{}'{}", name,
                      meant ? fmt::format(", did you mean '{}'?", *meant)
                            : fmt::format("; known are {}", fmt::join(kFunctions, ", "))));
    }
    if (!lua_isfunction(L, -1)) {
      lua::bad_argument(
          L, argument,
          fmt::format("control: {}: function expected, got {}", name, luaL_typename(L, -1)));
    }
  }
}

// stage.add{name=, room=, triggered=, control=} -> scene
int stage_add(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua::Options options(L, 1);
  SceneInfo info{.name = options.string("name"),
                 .room = options.string("room"),
                 .script = Script::of(L).path(),
                 .triggered = options.boolean("triggered", false)};
  if (info.name.empty()) lua::bad_argument(L, 1, "name: a scene needs one");
  lua_getfield(L, 1, "room");
  if (!lua_isnil(L, -1) && info.room.empty()) lua::bad_argument(L, 1, "room: must not be empty");
  lua_settop(L, 1);
  if (!options.push("control") || !lua_istable(L, -1)) {
    lua::bad_argument(L, 1, "control: table of functions expected");
  }
  check_control(L, 1);
  options.finish();
  Script& script = Script::of(L);
  if (const auto other = owner_elsewhere(script, info.name)) {
    lua::bad_argument(L, 1, fmt::format("scene '{}' exists already in {}", info.name, *other));
  }
  const Handle handle =
      script.registrations().add(std::make_unique<LuaScene>(script, std::move(info), L, 2));
  *static_cast<Handle*>(lua_newuserdata(L, sizeof handle)) = handle;
  luaL_getmetatable(L, kScene);
  lua_setmetatable(L, -2);
  return 1;
}

// scene:begin(safety) -> performance | nil, err
int scene_begin(lua_State* L) {
  const Handle handle = *static_cast<Handle*>(luaL_checkudata(L, 1, kScene));
  auto* scene = dynamic_cast<LuaScene*>(Script::of(L).registrations().find(handle));
  if (!scene) lua::bad_argument(L, 1, "the scene has been released");
  if (Script::of(L).registrations().staging()) {
    return luaL_error(L, "scene:begin: a scene cannot begin while the main chunk runs");
  }
  const auto performance = scene->begin(check_safety_cues(L, 2));
  if (performance) return push_performance(L, *performance);
  lua_pushnil(L);
  lua_pushstring(L, performance.error().message.c_str());
  return 2;
}

const char* state_name(SceneStatus::State state) {
  switch (state) {
    case SceneStatus::State::running:
      return "running";
    case SceneStatus::State::paused:
      return "paused";
    case SceneStatus::State::stopping:
      return "stopping";
    case SceneStatus::State::idle:
      break;
  }
  return "idle";
}

void set_text(lua_State* L, const char* field, const std::string& text) {
  lua_pushlstring(L, text.data(), text.size());
  lua_setfield(L, -2, field);
}

void set_number(lua_State* L, const char* field, double value) {
  lua_pushnumber(L, value);
  lua_setfield(L, -2, field);
}

void push_listed(lua_State* L, const Stage::Listed& scene) {
  lua_createtable(L, 0, 9);
  set_text(L, "name", scene.info.name);
  set_text(L, "room", scene.info.room);
  set_text(L, "script", scene.info.script);
  lua_pushboolean(L, scene.info.triggered);
  lua_setfield(L, -2, "triggered");
  set_text(L, "state", state_name(scene.status.state));
  set_number(L, "position", scene.status.position);
  if (scene.status.duration) set_number(L, "duration", *scene.status.duration);
  if (!scene.status.next.empty()) set_text(L, "next", scene.status.next);
  if (scene.status.next_at) set_number(L, "next_at", *scene.status.next_at);
}

// stage.list() -> array of {name, room, script, triggered, state, position, duration, next,
// next_at}
int stage_list(lua_State* L) {
  const auto scenes = stage_of(L).list();
  lua_newtable(L);
  for (size_t i = 0; i < scenes.size(); ++i) {
    push_listed(L, scenes[i]);
    lua_rawseti(L, -2, static_cast<int>(i) + 1);
  }
  return 1;
}

// Finds the scene named at 1 and does `act(control)` with it: at once, or, from a main chunk, when
// that has been accepted.
template <typename Act>
int steer(lua_State* L, Act act) {
  const std::string name(lua::check_string(L, 1));
  Stage& stage = stage_of(L);
  const auto run = [&stage, name, act]() -> Result<void> {
    const auto id = stage.find(name);
    if (!id) return fail(fmt::format("there is no scene '{}'", name));
    return act(*stage.control(*id));
  };
  Script& script = Script::of(L);
  if (!script.registrations().staging()) return push_result(L, run());
  script.registrations().perform([run, &logs = script.services().logs] {
    if (const auto done = run(); !done) logs.get("scene").warn("{}", done.error().message);
  });
  lua_pushboolean(L, true);
  return 1;
}

// stage.go(name) -> true | nil, err
int stage_go(lua_State* L) {
  return steer(L, [](SceneControl& control) { return control.go(); });
}

// stage.stop(name) -> true | nil, err
int stage_stop(lua_State* L) {
  return steer(L, [](SceneControl& control) { return control.stop(false); });
}

// stage.pause(name) -> true | nil, err
int stage_pause(lua_State* L) {
  return steer(L, [](SceneControl& control) { return control.pause(); });
}

// stage.resume(name) -> true | nil, err
int stage_resume(lua_State* L) {
  return steer(L, [](SceneControl& control) { return control.resume(); });
}

// stage.jump(name, cue) -> true | nil, err
int stage_jump(lua_State* L) {
  const std::string cue(lua::check_string(L, 2));
  return steer(L, [cue](SceneControl& control) { return control.jump(cue); });
}

// stage.seek(name, seconds) -> true | nil, err
int stage_seek(lua_State* L) {
  const double seconds = lua::check_seconds(L, 2);
  return steer(L, [seconds](SceneControl& control) { return control.seek(seconds); });
}

// stage.stop_all()
int stage_stop_all(lua_State* L) {
  Stage& stage = stage_of(L);
  Script::of(L).registrations().perform([&stage] { stage.stop_all(false); });
  return 0;
}

int push_report(lua_State* L, const PerformanceReport& report) {
  static constexpr const char* kReasons[] = {"finished", "stopped", "failed"};
  lua_createtable(L, 0, 9);
  set_text(L, "scene", report.scene);
  set_text(L, "room", report.room);
  set_text(L, "reason", kReasons[static_cast<int>(report.reason)]);
  set_number(L, "length", to_seconds(report.length));
  set_number(L, "sent", report.sent);
  set_number(L, "confirmed", report.confirmed);
  set_number(L, "failed", report.failed);
  set_number(L, "timed_out", report.timed_out);
  set_number(L, "simulated", report.simulated);
  return 1;
}

// stage.on_end(fn) -> handle
int stage_on_end(lua_State* L) {
  lua::check_function(L, 1);
  return listen(L, stage_of(L).on_end, 1, "stage.on_end", &push_report);
}

void open_scene_methods(lua_State* L, Script& script) {
  static constexpr luaL_Reg kMethods[] = {{"begin", lua::entry<scene_begin>}, {nullptr, nullptr}};
  make_type(L, script, kScene, kMethods);
}

}  // namespace

void open_stage(lua_State* L, Script& script) {
  static constexpr luaL_Reg kFunctions[] = {{"add", lua::entry<stage_add>},
                                            {"list", lua::entry<stage_list>},
                                            {"go", lua::entry<stage_go>},
                                            {"stop", lua::entry<stage_stop>},
                                            {"pause", lua::entry<stage_pause>},
                                            {"resume", lua::entry<stage_resume>},
                                            {"jump", lua::entry<stage_jump>},
                                            {"seek", lua::entry<stage_seek>},
                                            {"stop_all", lua::entry<stage_stop_all>},
                                            {"on_end", lua::entry<stage_on_end>},
                                            {nullptr, nullptr}};
  open_scene_methods(L, script);
  open_performance(L, script);
  push_module(L, script, "stage", kFunctions);
}

}  // namespace engine
