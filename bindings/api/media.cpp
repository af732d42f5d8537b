// media: sound and video played by the engine. The prose stands in scripts/types/media.lua.
#include "core/drivers/media/media.h"

#include "bindings/host/message_arguments.h"
#include "bindings/host/modules.h"
#include "bindings/host/script.h"
#include "bindings/host/script_listener.h"
#include "bindings/lua/arguments.h"
#include "bindings/lua/entry.h"

namespace engine {
namespace {

// media.command(topic, payload) -> true | nil, err
int media_command(lua_State* L) {
  const std::string topic = check_topic_name(L, 1);
  if (!is_audio_topic(topic) && !is_video_topic(topic)) {
    lua::bad_argument(L, 1, "a topic that ends in /audio or /video expected, got '" + topic + "'");
  }
  const auto done = Script::of(L).services().media.command(topic, check_payload(L, 2));
  if (done) {
    lua_pushboolean(L, true);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, done.error().message.c_str());
  return 2;
}

// media.playing(topic) -> boolean
int media_playing(lua_State* L) {
  lua_pushboolean(L, Script::of(L).services().media.playing(check_topic_name(L, 1)));
  return 1;
}

const char* reason_name(MediaEnd::Reason reason) {
  switch (reason) {
    case MediaEnd::Reason::finished:
      return "finished";
    case MediaEnd::Reason::stopped:
      return "stopped";
    case MediaEnd::Reason::failed:
      break;
  }
  return "failed";
}

// media.on_end(fn) -> handle
int media_on_end(lua_State* L) {
  lua::check_function(L, 1);
  return listen(L, Script::of(L).services().media.on_end, 1, "media.on_end",
                [](lua_State* to, const MediaEnd& end) {
                  lua_createtable(to, 0, 3);
                  lua_pushstring(to, end.topic.c_str());
                  lua_setfield(to, -2, "topic");
                  lua_pushstring(to, end.file.c_str());
                  lua_setfield(to, -2, "file");
                  lua_pushstring(to, reason_name(end.reason));
                  lua_setfield(to, -2, "reason");
                  return 1;
                });
}

}  // namespace

void open_media(lua_State* L, Script& script) {
  static constexpr luaL_Reg kFunctions[] = {{"command", lua::entry<media_command>},
                                            {"playing", lua::entry<media_playing>},
                                            {"on_end", lua::entry<media_on_end>},
                                            {nullptr, nullptr}};
  push_module(L, script, "media", kFunctions);
}

}  // namespace engine
