// store: values that outlive the engine. The prose stands in scripts/types/store.lua.
#include <set>
#include <string>

#include "bindings/host/modules.h"
#include "bindings/host/sandbox.h"
#include "bindings/host/script.h"
#include "bindings/lua/arguments.h"
#include "bindings/lua/entry.h"
#include "core/store/key_value.h"

namespace engine {
namespace {

// In the registry: what a main chunk has set and what waits for its acceptance; false: deleted.
constexpr const char* kStaged = "engine.store.staged";

KeyValue& values_of(lua_State* L) { return Script::of(L).services().kept.values; }

std::string check_key(lua_State* L, int index) {
  const std::string_view key = lua::check_string(L, index);
  if (key.empty() || key.size() > KeyValue::kLargestKey) {
    lua::bad_argument(L, index, "a key of 1 to 1024 bytes expected");
  }
  return std::string(key);
}

// Pushes the bytes for the value at `index`.
void push_encoded(lua_State* L, int index) {
  push_internal(L, "encode_value");
  lua_pushvalue(L, index);
  lua_call(L, 1, 2);
  if (lua_isnil(L, -2)) {
    lua::bad_argument(L, index,
                      "a value that can be stored expected: " + std::string(lua_tostring(L, -1)));
  }
  lua_pop(L, 1);
  size_t length = 0;
  lua_tolstring(L, -1, &length);
  if (length > KeyValue::kLargestValue) {
    lua::bad_argument(L, index, "the value is too large: at most 1 MB are stored");
  }
}

int push_result(lua_State* L, const Result<void>& result) {
  if (result) {
    lua_pushboolean(L, true);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, result.error().message.c_str());
  return 2;
}

// Changes what is stored under `key` to the bytes on top of the stack, or deletes it on nil: at
// once, or, from a main chunk, when that has been accepted.
int change(lua_State* L, const std::string& key) {
  Script& script = Script::of(L);
  KeyValue& values = script.services().kept.values;
  const bool erase = lua_isnil(L, -1);
  size_t length = 0;
  const char* text = erase ? nullptr : lua_tolstring(L, -1, &length);
  const std::string bytes(text ? text : "", length);
  const auto act = [&values, erase, key, bytes]() -> Result<void> {
    if (!erase) return values.set(key, bytes);
    values.erase(key);
    return {};
  };
  if (!script.registrations().staging()) return push_result(L, act());
  lua_getfield(L, LUA_REGISTRYINDEX, kStaged);
  lua_pushlstring(L, key.data(), key.size());
  if (erase) {
    lua_pushboolean(L, false);
  } else {
    lua_pushvalue(L, -3);
  }
  lua_rawset(L, -3);
  script.registrations().perform([act, &logs = script.services().logs] {
    if (const auto done = act(); !done) logs.get("store").warn("{}", done.error().message);
  });
  lua_pushboolean(L, true);
  return 1;
}

// store.set(key, value) -> true | nil, err
int store_set(lua_State* L) {
  luaL_checkany(L, 2);
  lua_settop(L, 2);
  const std::string key = check_key(L, 1);
  if (!lua_isnil(L, 2)) push_encoded(L, 2);
  return change(L, key);
}

// store.delete(key) -> boolean
int store_delete(lua_State* L) {
  lua_settop(L, 1);
  const std::string key = check_key(L, 1);
  const bool there = values_of(L).get(key) != nullptr;
  lua_pushnil(L);
  change(L, key);
  lua_pushboolean(L, there);
  return 1;
}

// What the main chunk that runs has set: pushes the bytes or false; nil when it has not.
void push_staged(lua_State* L, int key) {
  if (!Script::of(L).registrations().staging()) return lua_pushnil(L);
  lua_getfield(L, LUA_REGISTRYINDEX, kStaged);
  lua_pushvalue(L, key);
  lua_rawget(L, -2);
  lua_remove(L, -2);
}

// store.get(key [, default]) -> value
int store_get(lua_State* L) {
  lua_settop(L, 2);
  const std::string key = check_key(L, 1);
  push_internal(L, "decode");
  push_staged(L, 1);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    const std::string* bytes = values_of(L).get(key);
    if (bytes) {
      lua_pushlstring(L, bytes->data(), bytes->size());
    } else {
      lua_pushboolean(L, false);
    }
  }
  if (lua_type(L, -1) != LUA_TSTRING) {
    lua_pushvalue(L, 2);
    return 1;
  }
  lua_call(L, 1, 1);
  return 1;
}

// Adds or takes away what the main chunk that runs has set.
void merge_staged(lua_State* L, const std::string& prefix, std::set<std::string>& keys) {
  if (!Script::of(L).registrations().staging()) return;
  lua_getfield(L, LUA_REGISTRYINDEX, kStaged);
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    size_t length = 0;
    const char* text = lua_tolstring(L, -2, &length);
    const std::string key(text, length);
    if (lua_isboolean(L, -1)) {
      keys.erase(key);
    } else if (key.starts_with(prefix)) {
      keys.insert(key);
    }
  }
  lua_pop(L, 1);
}

// store.keys([prefix]) -> array of keys
int store_keys(lua_State* L) {
  const std::string prefix(lua_isnoneornil(L, 1) ? "" : lua::check_string(L, 1));
  const auto stored = values_of(L).keys(prefix);
  std::set<std::string> keys(stored.begin(), stored.end());
  merge_staged(L, prefix, keys);
  lua_createtable(L, static_cast<int>(keys.size()), 0);
  int index = 0;
  for (const std::string& key : keys) {
    lua_pushlstring(L, key.data(), key.size());
    lua_rawseti(L, -2, ++index);
  }
  return 1;
}

}  // namespace

void open_store(lua_State* L, Script& script) {
  static constexpr luaL_Reg kFunctions[] = {{"set", lua::entry<store_set>},
                                            {"get", lua::entry<store_get>},
                                            {"delete", lua::entry<store_delete>},
                                            {"keys", lua::entry<store_keys>},
                                            {nullptr, nullptr}};
  lua_newtable(L);
  lua_setfield(L, LUA_REGISTRYINDEX, kStaged);
  push_module(L, script, "store", kFunctions);
  add_history(L, script);
}

}  // namespace engine
