// feedback: commands that wait for a confirmation. The prose stands in scripts/types/feedback.lua.
#include "bindings/host/modules.h"
#include "bindings/host/script.h"
#include "bindings/lua/entry.h"

namespace engine {
namespace {

void push_pending(lua_State* L, const FeedbackTracker::Pending& pending) {
  lua_createtable(L, 0, 4);
  lua_pushstring(L, pending.topic.c_str());
  lua_setfield(L, -2, "topic");
  lua_newtable(L);
  for (size_t i = 0; i < pending.feedback_topics.size(); ++i) {
    lua_pushstring(L, pending.feedback_topics[i].c_str());
    lua_rawseti(L, -2, static_cast<int>(i) + 1);
  }
  lua_setfield(L, -2, "feedback_topics");
  lua_pushnumber(L, to_seconds(pending.waited));
  lua_setfield(L, -2, "waited");
  lua_pushnumber(L, to_seconds(pending.timeout));
  lua_setfield(L, -2, "timeout");
}

// feedback.pending() -> array of {topic, feedback_topics, waited, timeout}
int feedback_pending(lua_State* L) {
  const auto all = Script::of(L).services().feedback.pending();
  lua_newtable(L);
  for (size_t i = 0; i < all.size(); ++i) {
    push_pending(L, all[i]);
    lua_rawseti(L, -2, static_cast<int>(i) + 1);
  }
  return 1;
}

}  // namespace

void open_feedback(lua_State* L, Script& script) {
  static constexpr luaL_Reg kFunctions[] = {{"pending", lua::entry<feedback_pending>},
                                            {nullptr, nullptr}};
  push_module(L, script, "feedback", kFunctions);
}

}  // namespace engine
