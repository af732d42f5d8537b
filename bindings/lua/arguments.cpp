#include "bindings/lua/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "core/base/nearest.h"

namespace engine::lua {
namespace {

// Lua raises past C++ frames: the message must be the VM's before that.
[[noreturn]] void raise_argument(lua_State* L, int index, const char* reason) {
  luaL_argerror(L, index, reason);
  __builtin_unreachable();
}

// A copy that belongs to the VM.
const char* push_text(lua_State* L, const std::string& text) {
  lua_pushlstring(L, text.data(), text.size());
  return lua_tostring(L, -1);
}

[[noreturn]] void wrong_type(lua_State* L, int index, const char* expected) {
  const char* got = lua_isnoneornil(L, index) ? "nothing" : luaL_typename(L, index);
  raise_argument(L, index, lua_pushfstring(L, "%s expected, got %s", expected, got));
}

}  // namespace

void bad_argument(lua_State* L, int index, const std::string& reason) {
  raise_argument(L, index, push_text(L, reason));
}

std::string_view check_string(lua_State* L, int index) {
  if (lua_type(L, index) != LUA_TSTRING) wrong_type(L, index, "string");
  size_t length = 0;
  const char* text = lua_tolstring(L, index, &length);
  return {text, length};
}

double check_seconds(lua_State* L, int index) {
  if (lua_type(L, index) != LUA_TNUMBER) wrong_type(L, index, "number of seconds");
  const double value = lua_tonumber(L, index);
  if (!std::isfinite(value) || value < 0 || value > 1e9) {
    raise_argument(L, index, lua_pushfstring(L, "seconds from 0 to 1e9 expected, got %f", value));
  }
  return value;
}

double check_whole(lua_State* L, int index, double most) {
  if (lua_type(L, index) != LUA_TNUMBER) wrong_type(L, index, "number");
  const double value = lua_tonumber(L, index);
  if (!(value >= 0 && value <= most) || value != std::trunc(value)) {
    raise_argument(L, index, lua_pushfstring(L, "a whole number from 0 expected, got %f", value));
  }
  return value;
}

double check_finite(lua_State* L, int index) {
  if (lua_type(L, index) != LUA_TNUMBER) wrong_type(L, index, "number");
  const double value = lua_tonumber(L, index);
  if (!std::isfinite(value)) {
    raise_argument(L, index, lua_pushfstring(L, "finite number expected, got %f", value));
  }
  return value;
}

void check_table(lua_State* L, int index) {
  if (!lua_istable(L, index)) wrong_type(L, index, "table");
}

void check_function(lua_State* L, int index) {
  if (!lua_isfunction(L, index)) wrong_type(L, index, "function");
}

Options::Options(lua_State* L, int index)
    : L_(L), index_(index), present_(!lua_isnoneornil(L, index)) {
  if (present_ && !lua_istable(L, index)) wrong_type(L, index, "table of options");
}

bool Options::push(const char* name) {
  if (known_count_ < kMost) known_[known_count_++] = name;
  if (!present_) return false;
  lua_getfield(L_, index_, name);
  if (!lua_isnil(L_, -1)) return true;
  lua_pop(L_, 1);
  return false;
}

void Options::wrong(const char* name, const char* expected) {
  raise_argument(L_, index_,
                 lua_pushfstring(L_, "option '%s': %s expected, got %s", name, expected,
                                 luaL_typename(L_, -1)));
}

bool Options::boolean(const char* name, bool otherwise) {
  if (!push(name)) return otherwise;
  if (!lua_isboolean(L_, -1)) wrong(name, "boolean");
  const bool value = lua_toboolean(L_, -1);
  lua_pop(L_, 1);
  return value;
}

std::optional<std::variant<bool, double>> Options::boolean_or_seconds(const char* name) {
  if (!push(name)) return std::nullopt;
  const bool is_boolean = lua_isboolean(L_, -1);
  const bool yes = lua_toboolean(L_, -1);
  const double value = lua_type(L_, -1) == LUA_TNUMBER ? lua_tonumber(L_, -1) : -1;
  if (!is_boolean && !(value >= 0 && value <= 1e9)) {
    wrong(name, "seconds from 0 to 1e9, or a boolean,");
  }
  lua_pop(L_, 1);
  if (is_boolean) return yes;
  return value;
}

std::optional<double> Options::seconds(const char* name) {
  if (!push(name)) return std::nullopt;
  const double value = lua_type(L_, -1) == LUA_TNUMBER ? lua_tonumber(L_, -1) : -1;
  if (!(value >= 0 && value <= 1e9)) wrong(name, "seconds from 0 to 1e9");
  lua_pop(L_, 1);
  return value;
}

int Options::qos(int otherwise) {
  if (!push("qos")) return otherwise;
  const double value = lua_type(L_, -1) == LUA_TNUMBER ? lua_tonumber(L_, -1) : -1;
  if (value != 0 && value != 1 && value != 2) wrong("qos", "0, 1 or 2");
  lua_pop(L_, 1);
  return static_cast<int>(value);
}

std::string Options::string(const char* name) {
  if (!push(name)) return {};
  if (lua_type(L_, -1) != LUA_TSTRING) wrong(name, "string");
  size_t length = 0;
  const char* text = lua_tolstring(L_, -1, &length);
  std::string value(text, length);
  lua_pop(L_, 1);
  return value;
}

bool Options::all_known() {
  bool known = true;
  for (lua_pushnil(L_); known && lua_next(L_, index_) != 0; lua_pop(L_, known ? 1 : 2)) {
    known = lua_type(L_, -2) == LUA_TSTRING &&
            std::any_of(known_, known_ + known_count_, [name = lua_tostring(L_, -2)](auto* each) {
              return std::strcmp(each, name) == 0;
            });
  }
  return known;
}

void Options::finish() {
  if (!present_ || all_known()) return;
  std::vector<std::string> known(known_, known_ + known_count_);
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  const char* reason = nullptr;
  for (lua_pushnil(L_); !reason && lua_next(L_, index_) != 0; lua_pop(L_, reason ? 0 : 1)) {
    const bool named = lua_type(L_, -2) == LUA_TSTRING;
    const std::string key = named ? lua_tostring(L_, -2) : luaL_typename(L_, -2);
    bool found = false;
    for (const std::string& name : known) found |= name == key;
    if (found && named) continue;
    const auto guess = nearest(key, known);
    reason =
        push_text(L_, fmt::format("unknown option '{}'{}", key,
                                  guess ? fmt::format(", did you mean '{}'?", *guess)
                                        : fmt::format("; known are {}", fmt::join(known, ", "))));
  }
  known.clear();
  known.shrink_to_fit();
  if (reason) raise_argument(L_, index_, reason);
}

}  // namespace engine::lua
