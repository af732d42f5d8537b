#include <fmt/format.h>

#include <utility>

#include "bindings/host/lua_scene.h"
#include "bindings/host/message_arguments.h"
#include "bindings/host/modules.h"
#include "bindings/lua/arguments.h"
#include "bindings/lua/entry.h"
#include "core/topics/topic_policy.h"

namespace engine {
namespace {

constexpr const char* kPerformance = "engine.performance";

constexpr double kLargestToken = 9007199254740992;  // 2^53: what a number holds exactly.

Stage& stage_of(lua_State* L) { return Script::of(L).services().stage; }
Journal& journal_of(lua_State* L) { return Script::of(L).services().kept.journal; }

// One that goes on.
PerformanceId check_performance(lua_State* L) {
  const auto id = *static_cast<PerformanceId*>(luaL_checkudata(L, 1, kPerformance));
  if (!stage_of(L).performs(id)) lua::bad_argument(L, 1, "the performance has ended");
  return id;
}

void read_confirm(lua::Options& options, Cue& cue) {
  const auto confirm = options.boolean_or_seconds("confirm");
  if (!confirm) return;
  if (const double* seconds = std::get_if<double>(&*confirm)) {
    cue.confirm = from_seconds(*seconds);
  } else {
    cue.confirmed_by_device = std::get<bool>(*confirm);
  }
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

// Before its own options: as the topic's policy has it, if the catalogue knows the topic.
void go_by_policy(lua_State* L, Cue& cue) {
  const TopicPolicy* policy = Script::of(L).services().bus.policy_of(cue.topic);
  if (!policy) return;
  cue.qos = policy->qos;
  cue.retain = policy->retain;
  cue.offline = policy->offline;
}

// performance:send(token, position, topic, payload [, {qos=, retain=, confirm=, late=}]) -> how,
// pending
int performance_send(lua_State* L) {
  const PerformanceId performance = check_performance(L);
  const auto token = static_cast<uint64_t>(lua::check_whole(L, 2, kLargestToken));
  const double position = lua::check_finite(L, 3);
  Cue cue{.topic = check_topic_name(L, 4), .payload = check_payload(L, 5)};
  lua::Options options(L, 6);
  go_by_policy(L, cue);
  cue.qos = options.qos(cue.qos);
  cue.retain = options.boolean("retain", cue.retain);
  read_confirm(options, cue);
  const double late = options.seconds("late").value_or(0);
  options.finish();
  const Stage::Sent sent = stage_of(L).send(performance, token, position, cue, late);
  lua_pushstring(L, how_name(sent.how));
  lua_pushboolean(L, sent.pending);
  return 2;
}

// performance:note(position, text)
int performance_note(lua_State* L) {
  const PerformanceId performance = check_performance(L);
  const double position = lua::check_finite(L, 2);
  stage_of(L).note(performance, position, std::string(lua::check_string(L, 3)));
  return 0;
}

// performance:called(position, late): a cue that is a function
int performance_called(lua_State* L) {
  const PerformanceId performance = check_performance(L);
  const double position = lua::check_finite(L, 2);
  const double late = lua::check_seconds(L, 3);
  stage_of(L).remark(performance,
                     {.kind = Remark::Kind::call, .position = position, .seconds = late});
  return 0;
}

// performance:waited(position, text, seconds, outcome)
int performance_waited(lua_State* L) {
  const PerformanceId performance = check_performance(L);
  const double position = lua::check_finite(L, 2);
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
  const PerformanceId performance = check_performance(L);
  lua::check_table(L, 2);
  const std::vector<Cue> safety = check_safety_cues(L, 2);
  stage_of(L).protect(performance, safety);
  journal_of(L).protect(performance, safety);
  return 0;
}

// performance:journal(data) -> boolean
int performance_journal(lua_State* L) {
  const PerformanceId performance = check_performance(L);
  if (lua_isnoneornil(L, 2)) {
    journal_of(L).clear(performance);
    lua_pushboolean(L, true);
  } else {
    lua_pushboolean(L, journal_of(L).write(performance, std::string(lua::check_string(L, 2))));
  }
  return 1;
}

// performance:journal_step(step) -> boolean
int performance_journal_step(lua_State* L) {
  const PerformanceId performance = check_performance(L);
  lua_pushboolean(L, journal_of(L).append(performance, std::string(lua::check_string(L, 2))));
  return 1;
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

// The cue in the table at the top of the stack, the `number`th of those at `index`.
Cue check_safety_cue(lua_State* L, int index, size_t number) {
  const auto wrong = [&](const std::string& what) {
    lua::bad_argument(L, index, fmt::format("safety cue {}: {}", number, what));
  };
  if (!lua_istable(L, -1)) wrong(fmt::format("table expected, got {}", luaL_typename(L, -1)));
  const int table = lua_gettop(L);
  for (const char* name : {"qos", "retain"}) lua_getfield(L, table, name);
  const double qos = lua_type(L, -2) == LUA_TNUMBER ? lua_tonumber(L, -2) : -1;
  if (!lua_isnil(L, -2) && qos != 0 && qos != 1 && qos != 2) wrong("qos: 0, 1 or 2 expected");
  if (!lua_isnil(L, -1) && !lua_isboolean(L, -1)) wrong("retain: boolean expected");
  Cue cue;
  const bool qos_given = !lua_isnil(L, -2), retain_given = !lua_isnil(L, -1);
  const bool retain = lua_toboolean(L, -1) != 0;
  cue.confirmed_by_device = false;
  lua_rawgeti(L, table, 1);
  lua_rawgeti(L, table, 2);
  if (lua_type(L, -2) != LUA_TSTRING) wrong("a topic expected");
  cue.topic = lua::check_string(L, -2);
  go_by_policy(L, cue);
  if (qos_given) cue.qos = static_cast<int>(qos);
  if (retain_given) cue.retain = retain;
  auto payload = to_payload(L, lua_gettop(L));
  if (!payload) wrong(payload.error().message);
  cue.payload = std::move(*payload);
  if (const auto valid = check(cue); !valid) wrong(valid.error().message);
  lua_settop(L, table);
  return cue;
}

}  // namespace

void open_performance(lua_State* L, Script& script) {
  static constexpr luaL_Reg kMethods[] = {{"send", lua::entry<performance_send>},
                                          {"note", lua::entry<performance_note>},
                                          {"called", lua::entry<performance_called>},
                                          {"waited", lua::entry<performance_waited>},
                                          {"protect", lua::entry<performance_protect>},
                                          {"journal", lua::entry<performance_journal>},
                                          {"journal_step", lua::entry<performance_journal_step>},
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
  lua::check_table(L, index);
  for (size_t i = 1; i <= lua_objlen(L, index); ++i) {
    lua_rawgeti(L, index, static_cast<int>(i));
    cues.push_back(check_safety_cue(L, index, i));
    lua_pop(L, 1);
  }
  return cues;
}

}  // namespace engine
