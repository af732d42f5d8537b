// store.series, store.runs: what was measured and what happened. The prose stands in
// scripts/types/store.lua.
#include <cmath>
#include <stdexcept>
#include <string>

#include "bindings/host/modules.h"
#include "bindings/host/script.h"
#include "bindings/lua/arguments.h"
#include "bindings/lua/entry.h"
#include "bindings/lua/json.h"
#include "core/base/utf8.h"

namespace engine {
namespace {

constexpr const char* kSeries = "engine.series";
constexpr const char* kRuns = "engine.runs";

SiteStore& kept(lua_State* L) { return Script::of(L).services().kept; }

TimeSeries::Id check_series(lua_State* L) {
  return *static_cast<TimeSeries::Id*>(luaL_checkudata(L, 1, kSeries));
}

Runs::Kind check_runs(lua_State* L) {
  return *static_cast<Runs::Kind*>(luaL_checkudata(L, 1, kRuns));
}

void check_name(lua_State* L, int index, const char* expected) {
  const std::string_view name = lua::check_string(L, index);
  if (name.empty() || name.size() > TimeSeries::kLongestName ||
      name.find('\0') != std::string_view::npos || !is_utf8(name)) {
    luaL_argerror(L, index, expected);
  }
}

bool is_time(double value) { return value >= 0 && value <= TimeSeries::kLatest; }

double check_time(lua_State* L, int index, double otherwise) {
  if (lua_isnoneornil(L, index)) return otherwise;
  const double value = lua_type(L, index) == LUA_TNUMBER ? lua_tonumber(L, index) : -1;
  if (!is_time(value)) luaL_argerror(L, index, "a time in unix seconds expected");
  return value;
}

// "inf" for `to` is as good as none.
TimeSpan check_span(lua_State* L, int from, int to) {
  const TimeSpan all;
  if (lua_isnumber(L, to) && lua_tonumber(L, to) == HUGE_VAL) {
    return {check_time(L, from, all.from), all.to};
  }
  return {check_time(L, from, all.from), check_time(L, to, all.to)};
}

double wall_time(lua_State* L) {
  const WallTime now = Script::of(L).services().clock().wall();
  return std::chrono::duration<double>(now.time_since_epoch()).count();
}

void push_handle_of(lua_State* L, const char* type, size_t id) {
  *static_cast<size_t*>(lua_newuserdata(L, sizeof(size_t))) = id;
  luaL_getmetatable(L, type);
  lua_setmetatable(L, -2);
}

void set_number(lua_State* L, const char* key, double value) {
  lua_pushnumber(L, value);
  lua_setfield(L, -2, key);
}

int push_failure(lua_State* L, const Error& error) {
  lua_pushnil(L);
  lua_pushlstring(L, error.message.data(), error.message.size());
  return 2;
}

void push_point(lua_State* L, const TimeSeries::Point& point) {
  lua_createtable(L, 0, 2);
  set_number(L, "time", point.time);
  set_number(L, "value", point.value);
}

void push_summary(lua_State* L, const TimeSeries::Summary& piece) {
  lua_createtable(L, 0, 5);
  set_number(L, "time", piece.time);
  set_number(L, "min", piece.min);
  set_number(L, "mean", piece.mean);
  set_number(L, "max", piece.max);
  set_number(L, "count", static_cast<double>(piece.count));
}

template <typename T>
int push_list(lua_State* L, const Result<std::vector<T>>& list,
              void (*push)(lua_State*, const T&)) {
  if (!list) return push_failure(L, list.error());
  lua_createtable(L, static_cast<int>(list->size()), 0);
  for (size_t i = 0; i < list->size(); ++i) {
    push(L, (*list)[i]);
    lua_rawseti(L, -2, static_cast<int>(i) + 1);
  }
  return 1;
}

// store.series(name [, {keep=}]) -> series
int store_series(lua_State* L) {
  lua_settop(L, 2);
  check_name(L, 1, "a name of 1 to 255 bytes of UTF-8 expected");
  lua::Options options(L, 2);
  const auto keep = options.seconds("keep");
  options.finish();
  if (keep && *keep < 1) lua::bad_argument(L, 2, "option 'keep': at least 1 s expected");
  TimeSeries& all = kept(L).series;
  const auto id = all.open(std::string(lua::check_string(L, 1)));
  if (!id) throw std::runtime_error("store.series: " + id.error().message);
  if (keep) Script::of(L).registrations().perform([&all, id = *id, keep] { all.keep(id, *keep); });
  push_handle_of(L, kSeries, *id);
  return 1;
}

// store.series_names([prefix]) -> array of names
int store_series_names(lua_State* L) {
  const std::string prefix(lua_isnoneornil(L, 1) ? "" : lua::check_string(L, 1));
  return push_list<std::string>(L, kept(L).series.names(prefix),
                                [](lua_State* to, const std::string& name) {
                                  lua_pushlstring(to, name.data(), name.size());
                                });
}

// series:append(value [, time]) -> true | nil, err
int series_append(lua_State* L) {
  const TimeSeries::Id id = check_series(L);
  const double value = lua::check_finite(L, 2);
  const TimeSeries::Point point{check_time(L, 3, wall_time(L)), value};
  Script& script = Script::of(L);
  TimeSeries& all = kept(L).series;
  if (script.registrations().staging()) {
    script.registrations().perform([&all, id, point] { (void)all.append(id, point); });
  } else if (const auto done = all.append(id, point); !done) {
    return push_failure(L, done.error());
  }
  lua_pushboolean(L, true);
  return 1;
}

// series:range([from [, to [, {every=}]]]) -> array of points or summaries | nil, err
int series_range(lua_State* L) {
  const TimeSeries::Id id = check_series(L);
  const TimeSpan span = check_span(L, 2, 3);
  lua::Options options(L, 4);
  const auto every = options.seconds("every");
  options.finish();
  if (every && *every < 0.001) lua::bad_argument(L, 4, "option 'every': at least 0.001 s expected");
  TimeSeries& all = kept(L).series;
  if (every) return push_list(L, all.range(id, span, *every), push_summary);
  return push_list(L, all.range(id, span), push_point);
}

// series:last() -> point | nil
int series_last(lua_State* L) {
  const auto last = kept(L).series.last(check_series(L));
  if (!last) return push_failure(L, last.error());
  if (*last) {
    push_point(L, **last);
  } else {
    lua_pushnil(L);
  }
  return 1;
}

// store.runs(kind) -> runs
int store_runs(lua_State* L) {
  check_name(L, 1, "a kind of 1 to 255 bytes of UTF-8 expected");
  const auto kind = kept(L).runs.open(std::string(lua::check_string(L, 1)));
  if (!kind) throw std::runtime_error("store.runs: " + kind.error().message);
  push_handle_of(L, kRuns, *kind);
  return 1;
}

// The field `time` of the run at `index`, else now.
double check_run(lua_State* L, int index) {
  lua::check_table(L, index);
  if (lua_objlen(L, index) > 0) luaL_argerror(L, index, "a table with names expected, not a list");
  lua_getfield(L, index, "id");
  if (!lua_isnil(L, -1)) luaL_argerror(L, index, "a run without 'id' expected: it is given here");
  lua_getfield(L, index, "time");
  const bool given = !lua_isnil(L, -1);
  const double time = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : -1;
  if (given && !is_time(time)) luaL_argerror(L, index, "'time': a time in unix seconds expected");
  lua_pop(L, 2);
  return given ? time : wall_time(L);
}

// runs:add(run) -> id | nil, err
int runs_add(lua_State* L) {
  const Runs::Kind kind = check_runs(L);
  const double time = check_run(L, 2);
  if (Script::of(L).registrations().staging()) {
    return luaL_error(L, "runs:add: cannot add while the main chunk runs");
  }
  const auto data = lua::to_json(L, 2);
  if (!data) lua::bad_argument(L, 2, data.error().message);
  const auto id = kept(L).runs.add(kind, time, *data);
  if (!id) return push_failure(L, id.error());
  lua_pushnumber(L, static_cast<double>(*id));
  return 1;
}

void push_run(lua_State* L, const Runs::Run& run) {
  if (!lua::push_json(L, run.data)) lua_newtable(L);
  set_number(L, "id", static_cast<double>(run.id));
  set_number(L, "time", run.time);
}

// A finite option, or `otherwise`; raises unless it is from `least` to `most`.
double number_option(lua_State* L, lua::Options& options, const char* name, double least,
                     double most, double otherwise) {
  if (!options.push(name)) return otherwise;
  const double value = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : -1;
  if (!(value >= least && value <= most)) {
    luaL_argerror(L, 2, lua_pushfstring(L, "option '%s': %f to %f expected", name, least, most));
  }
  lua_pop(L, 1);
  return value;
}

// runs:list([{from=, to=, limit=}]) -> array of runs | nil, err
int runs_list(lua_State* L) {
  const Runs::Kind kind = check_runs(L);
  lua::Options options(L, 2);
  TimeSpan span;
  span.from = number_option(L, options, "from", 0, TimeSeries::kLatest, span.from);
  span.to = number_option(L, options, "to", 0, HUGE_VAL, span.to);
  const double limit = number_option(L, options, "limit", 1, Runs::kMostListed, 100);
  options.finish();
  return push_list(L, kept(L).runs.list(kind, span, static_cast<size_t>(limit)), push_run);
}

// runs:get(id) -> run | nil
int runs_get(lua_State* L) {
  const Runs::Kind kind = check_runs(L);
  const auto id = static_cast<int64_t>(lua::check_whole(L, 2, 9e15));
  const auto found = kept(L).runs.get(kind, id);
  if (!found) return push_failure(L, found.error());
  if (*found) {
    push_run(L, **found);
  } else {
    lua_pushnil(L);
  }
  return 1;
}

}  // namespace

void add_history(lua_State* L, Script& script) {
  static constexpr luaL_Reg kFunctions[] = {{"series", lua::entry<store_series>},
                                            {"series_names", lua::entry<store_series_names>},
                                            {"runs", lua::entry<store_runs>},
                                            {nullptr, nullptr}};
  static constexpr luaL_Reg kSeriesMethods[] = {{"append", lua::entry<series_append>},
                                                {"range", lua::entry<series_range>},
                                                {"last", lua::entry<series_last>},
                                                {nullptr, nullptr}};
  static constexpr luaL_Reg kRunsMethods[] = {{"add", lua::entry<runs_add>},
                                              {"list", lua::entry<runs_list>},
                                              {"get", lua::entry<runs_get>},
                                              {nullptr, nullptr}};
  lua_pushlightuserdata(L, &script);
  luaL_setfuncs(L, kFunctions, 1);
  make_type(L, script, kSeries, kSeriesMethods);
  make_type(L, script, kRuns, kRunsMethods);
}

}  // namespace engine
