// rehearsal: what scripts/engine/test.lua is built on. Not for scripts.
#include "bindings/host/message_arguments.h"
#include "bindings/host/sandbox.h"
#include "bindings/lua/arguments.h"
#include "bindings/lua/entry.h"
#include "bindings/rehearsal/test_world.h"
#include "core/bus/topic.h"

namespace engine {
namespace {

TestWorld& world_of(lua_State* L) {
  return *static_cast<TestWorld*>(lua_touserdata(L, lua_upvalueindex(1)));
}

void set_text(lua_State* L, const char* key, const std::string& text) {
  lua_pushlstring(L, text.data(), text.size());
  lua_setfield(L, -2, key);
}

// rehearsal.now() -> seconds since the test began
int now(lua_State* L) {
  lua_pushnumber(L, world_of(L).now());
  return 1;
}

// rehearsal.advance(seconds)
int advance(lua_State* L) {
  world_of(L).rehearsal.advance(from_seconds(lua::check_seconds(L, 1)));
  return 0;
}

// rehearsal.step(till) -> whether something was due
int step(lua_State* L) {
  lua_pushboolean(L, world_of(L).step(lua::check_seconds(L, 1)));
  return 1;
}

// rehearsal.inject(topic, payload [, {qos=, retain=}])
int inject(lua_State* L) {
  Message message{.topic = check_topic_name(L, 1), .payload = check_payload(L, 2)};
  lua::Options options(L, 3);
  message.qos = options.qos();
  message.retain = options.boolean("retain", false);
  options.finish();
  message.received_at = world_of(L).rehearsal.clock.now();
  world_of(L).rehearsal.bus.deliver(message);
  return 0;
}

// rehearsal.count() -> number of messages sent
int count(lua_State* L) {
  lua_pushnumber(L, static_cast<double>(world_of(L).sent.size()));
  return 1;
}

// rehearsal.message(number) -> {time=, topic=, payload=, qos=, retain=}
int message(lua_State* L) {
  const TestWorld::Sent& sent =
      world_of(L).sent.at(static_cast<size_t>(luaL_checknumber(L, 1)) - 1);
  lua_newtable(L);
  lua_pushnumber(L, sent.time);
  lua_setfield(L, -2, "time");
  set_text(L, "topic", sent.topic);
  set_text(L, "payload", sent.payload);
  lua_pushnumber(L, sent.qos);
  lua_setfield(L, -2, "qos");
  lua_pushboolean(L, sent.retain);
  lua_setfield(L, -2, "retain");
  return 1;
}

// rehearsal.check_filter(filter) -> true | nil, err
int check_filter(lua_State* L) {
  const auto checked =
      lua_type(L, 1) == LUA_TSTRING
          ? topic::check_filter(lua::check_string(L, 1))
          : Result<void>(fail("a topic expected, got " + std::string(luaL_typename(L, 1))));
  lua_pushboolean(L, checked.has_value());
  if (checked) return 1;
  lua_pushstring(L, checked.error().message.c_str());
  return 2;
}

// rehearsal.matches(filter, topic) -> boolean
int matches(lua_State* L) {
  lua_pushboolean(L, topic::matches(lua::check_string(L, 1), lua::check_string(L, 2)));
  return 1;
}

// rehearsal.load(file) -> true | nil, err
int load(lua_State* L) {
  const auto loaded = world_of(L).load(std::string(lua::check_string(L, 1)));
  lua_pushboolean(L, loaded.has_value());
  if (loaded) return 1;
  lua_pushstring(L, loaded.error().message.c_str());
  return 2;
}

// rehearsal.faults() -> array of {script=, callback=, topic=, message=}; they are forgotten
int faults(lua_State* L) {
  const std::vector<Fault> taken = std::exchange(world_of(L).faults, {});
  lua_newtable(L);
  for (size_t i = 0; i < taken.size(); ++i) {
    lua_newtable(L);
    set_text(L, "script", taken[i].script);
    set_text(L, "callback", taken[i].callback);
    set_text(L, "topic", taken[i].topic);
    set_text(L, "message", taken[i].message);
    lua_rawseti(L, -2, static_cast<int>(i) + 1);
  }
  return 1;
}

// rehearsal.duration(file, seconds)
int duration(lua_State* L) {
  const double seconds = lua::check_seconds(L, 2);
  world_of(L).rehearsal.media.set_duration(std::string(lua::check_string(L, 1)),
                                           from_seconds(seconds));
  return 0;
}

}  // namespace

void open_test_world(lua_State* L, TestWorld& world) {
  static constexpr luaL_Reg kFunctions[] = {{"now", lua::entry<now>},
                                            {"advance", lua::entry<advance>},
                                            {"step", lua::entry<step>},
                                            {"inject", lua::entry<inject>},
                                            {"count", lua::entry<count>},
                                            {"message", lua::entry<message>},
                                            {"check_filter", lua::entry<check_filter>},
                                            {"matches", lua::entry<matches>},
                                            {"load", lua::entry<load>},
                                            {"faults", lua::entry<faults>},
                                            {"duration", lua::entry<duration>},
                                            {nullptr, nullptr}};
  lua_newtable(L);
  lua_pushlightuserdata(L, &world);
  luaL_setfuncs(L, kFunctions, 1);
  set_global(L, "rehearsal");
}

}  // namespace engine
