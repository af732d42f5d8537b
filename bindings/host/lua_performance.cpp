#include "bindings/host/lua_scene.h"
#include "bindings/host/message_arguments.h"
#include "bindings/host/modules.h"
#include "bindings/lua/arguments.h"
#include "bindings/lua/entry.h"

namespace engine {
namespace {

constexpr const char* kPerformance = "engine.performance";

PerformanceId check_performance(lua_State* L) {
  return *static_cast<PerformanceId*>(luaL_checkudata(L, 1, kPerformance));
}

Stage& stage_of(lua_State* L) { return Script::of(L).services().stage; }

void read_confirm(lua_State* L, lua::Options& options, Cue& cue) {
  if (!options.push("confirm")) return;
  if (lua_isboolean(L, -1)) {
    cue.confirmed_by_device = lua_toboolean(L, -1);
  } else {
    cue.confirm = from_seconds(lua::check_seconds(L, lua_gettop(L)));
  }
  lua_pop(L, 1);
}

const char* how_name(Stage::Sent::How how) {
  switch (how) {
    case Stage::Sent::How::sent:
      return "sent";
    case Stage::Sent::How::simulated:
      return "simulated";
    case Stage::Sent::How::played:
      return "played";
    case Stage::Sent::How::failed:
      break;
  }
  return "failed";
}

// performance:send(token, position, topic, payload [, {qos=, retain=, confirm=, late=}]) -> how,
// pending
int performance_send(lua_State* L) {
  const PerformanceId performance = check_performance(L);
  const auto token = static_cast<uint64_t>(luaL_checknumber(L, 2));
  const double position = luaL_checknumber(L, 3);
  Cue cue{.topic = std::string(lua::check_string(L, 4)), .payload = check_payload(L, 5)};
  lua::Options options(L, 6);
  cue.qos = options.qos();
  cue.retain = options.boolean("retain", false);
  read_confirm(L, options, cue);
  const double late = options.seconds("late").value_or(0);
  options.finish();
  const Stage::Sent sent = stage_of(L).send(performance, token, position, cue, late);
  lua_pushstring(L, how_name(sent.how));
  lua_pushboolean(L, sent.pending);
  return 2;
}

// performance:note(position, text)
int performance_note(lua_State* L) {
  const double position = luaL_checknumber(L, 2);
  stage_of(L).note(check_performance(L), position, std::string(lua::check_string(L, 3)));
  return 0;
}

// performance:called(position, late): a cue that is a function
int performance_called(lua_State* L) {
  const PerformanceId performance = check_performance(L);
  const double position = luaL_checknumber(L, 2);
  const double late = lua::check_seconds(L, 3);
  stage_of(L).remark(performance,
                     {.kind = Remark::Kind::call, .position = position, .seconds = late});
  return 0;
}

// performance:waited(position, text, seconds, outcome)
int performance_waited(lua_State* L) {
  const PerformanceId performance = check_performance(L);
  const double position = luaL_checknumber(L, 2);
  const double seconds = lua::check_seconds(L, 4);
  stage_of(L).remark(performance, {.kind = Remark::Kind::wait,
                                   .position = position,
                                   .text = std::string(lua::check_string(L, 3)),
                                   .seconds = seconds,
                                   .outcome = std::string(lua::check_string(L, 5))});
  return 0;
}

// performance:protect(safety): what the engine sends if this code no longer can
int performance_protect(lua_State* L) {
  stage_of(L).protect(check_performance(L), check_safety_cues(L, 2));
  return 0;
}

EndReason check_reason(lua_State* L, int index) {
  const std::string_view word = lua::check_string(L, index);
  if (word == "finished") return EndReason::finished;
  if (word == "stopped") return EndReason::stopped;
  if (word == "failed") return EndReason::failed;
  lua::bad_argument(L, index, "\"finished\", \"stopped\" or \"failed\" expected");
}

// performance:finish(reason)
int performance_finish(lua_State* L) {
  const PerformanceId performance = check_performance(L);
  stage_of(L).end(performance, check_reason(L, 2));
  return 0;
}

}  // namespace

void open_performance(lua_State* L, Script& script) {
  static constexpr luaL_Reg kMethods[] = {{"send", lua::entry<performance_send>},
                                          {"note", lua::entry<performance_note>},
                                          {"called", lua::entry<performance_called>},
                                          {"waited", lua::entry<performance_waited>},
                                          {"protect", lua::entry<performance_protect>},
                                          {"finish", lua::entry<performance_finish>},
                                          {nullptr, nullptr}};
  make_type(L, script, kPerformance, kMethods);
}

int push_performance(lua_State* L, PerformanceId performance) {
  *static_cast<PerformanceId*>(lua_newuserdata(L, sizeof performance)) = performance;
  luaL_getmetatable(L, kPerformance);
  lua_setmetatable(L, -2);
  return 1;
}

std::vector<Cue> check_safety_cues(lua_State* L, int index) {
  std::vector<Cue> cues;
  if (lua_isnoneornil(L, index)) return cues;
  luaL_checktype(L, index, LUA_TTABLE);
  for (size_t i = 1; i <= lua_objlen(L, index); ++i) {
    lua_rawgeti(L, index, static_cast<int>(i));
    const int cue = lua_gettop(L);
    luaL_checktype(L, cue, LUA_TTABLE);
    lua_rawgeti(L, cue, 1);
    lua_rawgeti(L, cue, 2);
    lua_getfield(L, cue, "qos");
    lua_getfield(L, cue, "retain");
    cues.push_back({.topic = check_topic_name(L, cue + 1),
                    .payload = check_payload(L, cue + 2),
                    .qos = static_cast<int>(luaL_optnumber(L, cue + 3, 0)),
                    .retain = lua_toboolean(L, cue + 4) != 0,
                    .confirmed_by_device = false});
    lua_settop(L, cue - 1);
  }
  return cues;
}

}  // namespace engine
