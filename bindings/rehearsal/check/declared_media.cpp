#include "bindings/rehearsal/check/declared_media.h"

#include <string_view>

#include "bindings/host/sandbox.h"

namespace engine::checking {
namespace {

constexpr std::string_view kFind = R"(
local scene, found = require "engine.scene", {}

local function note(name, topic, payload)
  local media = type(topic) == "string" and (topic:find "/audio$" or topic:find "/video$")
  if media and type(payload) == "string" then found[#found + 1] = { name, topic, payload } end
end

for _, listed in ipairs(stage.list()) do
  local declared = scene.find(listed.name)
  local definition = declared and declared.definition or {}
  for _, cue in ipairs(definition.sheet or {}) do
    note(listed.name, cue.topic, cue.payload)
    for _, follower in ipairs(cue.follow_ons) do
      note(listed.name, follower.topic, follower.payload)
    end
  end
  for _, cue in ipairs(definition.on_stop or {}) do
    if type(cue) == "table" then note(listed.name, cue[1], cue[2]) end
  end
end
return found
)";

std::string text_at(lua_State* L, int element) {
  lua_rawgeti(L, -1, element);
  size_t length = 0;
  const char* text = lua_tolstring(L, -1, &length);
  std::string copy(text, length);
  lua_pop(L, 1);
  return copy;
}

}  // namespace

std::vector<DeclaredMedia> declared_media(Script& script) {
  std::vector<DeclaredMedia> media;
  script.run({"check"}, [&](lua_State* L) {
    if (luaL_loadbufferx(L, kFind.data(), kFind.size(), "=check", "t") != 0) lua_error(L);
    push_environment(L);
    lua_setfenv(L, -2);
    lua::call(L, 0, 1);
    for (size_t i = 1; i <= lua_objlen(L, -1); ++i) {
      lua_rawgeti(L, -1, static_cast<int>(i));
      media.push_back({text_at(L, 1), text_at(L, 2), text_at(L, 3)});
      lua_pop(L, 1);
    }
  });
  return media;
}

}  // namespace engine::checking
