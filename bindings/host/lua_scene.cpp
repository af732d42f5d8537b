#include "bindings/host/lua_scene.h"

#include <fmt/format.h>

#include <utility>

#include "bindings/host/sandbox.h"

namespace engine {
namespace {

using Push = std::function<int(lua_State*)>;
using Read = std::function<void(lua_State*)>;  // The two results are at -2 and -1.

int push_nothing(lua_State*) { return 0; }

std::string string_at(lua_State* L, int index) {
  size_t length = 0;
  const char* text = lua_tolstring(L, index, &length);
  return text ? std::string(text, length) : std::string{};
}

std::optional<double> number_field(lua_State* L, int index, const char* name) {
  lua_getfield(L, index, name);
  std::optional<double> value;
  if (lua_type(L, -1) == LUA_TNUMBER) value = lua_tonumber(L, -1);
  lua_pop(L, 1);
  return value;
}

SceneStatus::State state_named(const std::string& name) {
  if (name == "running") return SceneStatus::State::running;
  if (name == "paused") return SceneStatus::State::paused;
  if (name == "stopping") return SceneStatus::State::stopping;
  return SceneStatus::State::idle;
}

SceneStatus read_status(lua_State* L, int index) {
  SceneStatus status;
  lua_getfield(L, index, "state");
  status.state = state_named(string_at(L, -1));
  lua_getfield(L, index, "next");
  status.next = string_at(L, -1);
  lua_pop(L, 2);
  status.position = number_field(L, index, "position").value_or(0);
  status.duration = number_field(L, index, "duration");
  status.next_at = number_field(L, index, "next_at");
  return status;
}

const char* result_name(CueResult result) {
  switch (result) {
    case CueResult::confirmed:
      return "confirmed";
    case CueResult::error:
      return "error";
    case CueResult::timeout:
      return "timeout";
    case CueResult::abandoned:
      break;
  }
  return "abandoned";
}

void set_text(lua_State* L, const char* field, const std::string& text) {
  lua_pushlstring(L, text.data(), text.size());
  lua_setfield(L, -2, field);
}

// {topic, payload, qos=, retain=} each
void push_cues(lua_State* L, const std::vector<Cue>& cues) {
  lua_newtable(L);
  for (size_t i = 0; i < cues.size(); ++i) {
    const Cue& cue = cues[i];
    lua_newtable(L);
    lua_pushlstring(L, cue.topic.data(), cue.topic.size());
    lua_rawseti(L, -2, 1);
    lua_pushlstring(L, cue.payload.data(), cue.payload.size());
    lua_rawseti(L, -2, 2);
    lua_pushinteger(L, cue.qos);
    lua_setfield(L, -2, "qos");
    lua_pushboolean(L, cue.retain);
    lua_setfield(L, -2, "retain");
    lua_rawseti(L, -2, static_cast<int>(i) + 1);
  }
}

// {away=, lived=, safety=, data=, steps=}
void push_interrupted(lua_State* L, const Interrupted& interrupted) {
  lua_newtable(L);
  lua_pushnumber(L, to_seconds(interrupted.away));
  lua_setfield(L, -2, "away");
  lua_pushnumber(L, to_seconds(interrupted.lived));
  lua_setfield(L, -2, "lived");
  push_cues(L, interrupted.safety);
  lua_setfield(L, -2, "safety");
  if (!interrupted.data.empty()) set_text(L, "data", interrupted.data);
  lua_newtable(L);
  for (size_t i = 0; i < interrupted.steps.size(); ++i) {
    lua_pushlstring(L, interrupted.steps[i].data(), interrupted.steps[i].size());
    lua_rawseti(L, -2, static_cast<int>(i) + 1);
  }
  lua_setfield(L, -2, "steps");
}

}  // namespace

// Calls the functions of the control table. Kept by the Stage, so it may outlive the scene: then it
// is detached and every call fails.
class LuaScene::Control final : public SceneControl {
 public:
  Control(Script& script, lua_State* L, int index) : script_(&script), table_(L, index) {}

  void detach() {
    script_ = nullptr;
    table_ = lua::Ref();
  }

  Result<void> go() override { return act("go", push_nothing); }
  Result<void> stop(bool now) override {
    return act("stop", [now](lua_State* L) { return lua_pushboolean(L, now), 1; });
  }
  Result<void> pause() override { return act("pause", push_nothing); }
  Result<void> resume() override { return act("resume", push_nothing); }
  Result<void> jump(const std::string& cue) override {
    return act("jump", [&](lua_State* L) { return lua_pushstring(L, cue.c_str()), 1; });
  }
  Result<void> seek(double seconds) override {
    return act("seek", [=](lua_State* L) { return lua_pushnumber(L, seconds), 1; });
  }

  SceneStatus status() override {
    SceneStatus status;
    call("status", push_nothing, [&](lua_State* L) {
      if (lua_istable(L, -2)) status = read_status(L, lua_gettop(L) - 1);
    });
    return status;
  }

  void settled(uint64_t token, CueResult result, const FeedbackEvent& event) override {
    call(
        "settled",
        [&](lua_State* L) {
          lua_pushnumber(L, static_cast<double>(token));
          lua_pushstring(L, result_name(result));
          lua_pushnumber(L, to_seconds(event.elapsed));
          lua_pushlstring(L, event.payload.data(), event.payload.size());
          return 4;
        },
        [](lua_State*) {});
  }

  // True when the function ran without error.
  bool call(const char* function, const Push& push, const Read& read, bool required = true) {
    if (!script_) return false;
    const auto keep = self.lock();  // The call may end in this scene's removal.
    return script_->run({"scene", function}, [&](lua_State* L) {
      table_.push(L);
      lua_getfield(L, -1, function);
      if (!required && lua_isnil(L, -1)) return;
      if (!lua_isfunction(L, -1)) luaL_error(L, "stage.add: control.%s is missing", function);
      lua::call(L, push(L), 2);
      read(L);
    });
  }

  // The same for what other kinds of scenes need not have.
  void call_if_there(const char* function, const Push& push, const Read& read) {
    call(function, push, read, false);
  }

  // For functions that return true, or nil and what is wrong.
  Result<void> act(const char* function, const Push& push) {
    Result<void> result;
    const bool ran = call(function, push, [&](lua_State* L) {
      if (lua_type(L, -1) == LUA_TSTRING && !lua_toboolean(L, -2)) result = fail(string_at(L, -1));
    });
    return ran ? result : fail(fmt::format("the scene's own code failed in {}", function));
  }

  std::weak_ptr<Control> self;

 private:
  Script* script_;
  lua::Ref table_;
};

LuaScene::LuaScene(Script& script, SceneInfo info, lua_State* L, int index)
    : script_(script),
      info_(std::move(info)),
      control_(std::make_shared<Control>(script, L, index)) {
  control_->self = control_;
}

LuaScene::~LuaScene() {
  script_.services().stage.remove(id_);
  control_->detach();
}

void LuaScene::activate(Registration*) {
  auto added = script_.services().stage.add(info_, control_);
  if (added) {
    id_ = *added;
  } else {
    script_.services().logs.get("scene").error("{}", added.error().message);
  }
}

std::optional<PerformanceId> LuaScene::performance() const {
  return script_.services().stage.performance_of(id_);
}

Result<PerformanceId> LuaScene::begin(std::vector<Cue> safety) {
  auto begun = script_.services().stage.begin(id_, safety);
  if (begun) script_.services().kept.journal.begin(*begun, info_, safety);
  return begun;
}

LuaScene::Export LuaScene::export_performance() {
  Export exported;
  control_->call("export", push_nothing, [&](lua_State* L) {
    if (!lua_istable(L, -2)) {
      exported.reason = string_at(L, -1);
      if (exported.reason == "finish") exported.verdict = Export::Verdict::finishes;
      return;
    }
    push_internal(L, "encode");
    lua_pushvalue(L, -3);
    lua::call(L, 1, 1);
    exported.data = string_at(L, -1);
    exported.verdict = Export::Verdict::carried;
  });
  finishing_ = exported.verdict == Export::Verdict::finishes;
  return exported;
}

Result<void> LuaScene::adopt(PerformanceId performance, const std::string& data) {
  if (!script_.services().stage.adopt(performance, id_, {})) return fail("it has ended");
  return control_->act("adopt", [&](lua_State* L) {
    push_performance(L, performance);
    push_internal(L, "decode");
    lua_pushlstring(L, data.data(), data.size());
    lua::call(L, 1, 1);
    return 2;
  });
}

Result<void> LuaScene::stop_now() { return control_->stop(true); }

bool LuaScene::stops_after_restart() {
  std::string mode;
  control_->call_if_there("restart_mode", push_nothing,
                          [&](lua_State* L) { mode = string_at(L, -2); });
  return mode.empty() || mode == "stop";
}

Result<LuaScene::Recovery> LuaScene::recover(const Interrupted& interrupted) {
  Services& services = script_.services();
  const auto begun = services.stage.begin(id_, interrupted.safety);
  if (!begun) return tl::unexpected(begun.error());
  services.kept.journal.carry_on(*begun, info_, interrupted.safety);
  Recovery recovery;
  control_->call_if_there(
      "recover",
      [&](lua_State* L) {
        push_performance(L, *begun);
        push_interrupted(L, interrupted);
        return 2;
      },
      [&](lua_State* L) {
        recovery = {string_at(L, -2), string_at(L, -1)};
      });
  if (!recovery.outcome.empty()) return recovery;
  services.stage.abandon(*begun);
  return fail("its code could not deal with it");
}

}  // namespace engine
