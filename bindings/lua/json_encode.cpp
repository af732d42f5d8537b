#include <fmt/format.h>

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <charconv>
#include <cmath>
#include <string_view>

#include "bindings/lua/json.h"
#include "core/base/utf8.h"

namespace engine::lua {
namespace {

constexpr int kDeepest = 100;
constexpr const char* kArrayMark = "engine.json.array";

class Encoder {
 public:
  explicit Encoder(lua_State* L) : L_(L) {}

  bool value(int index, int depth) {
    switch (lua_type(L_, index)) {
      case LUA_TNIL:
        return put("null");
      case LUA_TBOOLEAN:
        return put(lua_toboolean(L_, index) ? "true" : "false");
      case LUA_TNUMBER:
        return number(lua_tonumber(L_, index));
      case LUA_TSTRING:
        return string(index);
      case LUA_TTABLE:
        return table(index, depth);
      case LUA_TLIGHTUSERDATA:
        if (!lua_touserdata(L_, index)) return put("null");
        [[fallthrough]];
      default:
        return wrong(fmt::format("a {} has no JSON form", luaL_typename(L_, index)));
    }
  }

  std::string out;
  std::string error;

 private:
  bool put(std::string_view text) { return out += text, true; }
  bool wrong(std::string reason) {
    if (error.empty()) error = std::move(reason);
    return false;
  }

  bool number(double value) {
    if (!std::isfinite(value)) return wrong("a number must be finite");
    char buffer[32];
    // Integers without exponent, everything else in the shortest form that reads back the same.
    const bool whole = std::abs(value) < 1e15 && value == std::trunc(value);
    const auto end = whole ? std::to_chars(buffer, buffer + 32, static_cast<int64_t>(value))
                           : std::to_chars(buffer, buffer + 32, value);
    return put({buffer, static_cast<size_t>(end.ptr - buffer)});
  }

  bool string(int index) {
    size_t length = 0;
    const char* text = lua_tolstring(L_, index, &length);
    return string({text, length});
  }

  bool string(std::string_view text) {
    if (!is_utf8(text)) return wrong("text must be UTF-8");
    out += '"';
    while (!text.empty()) {
      const auto special = std::find_if(text.begin(), text.end(), needs_escape);
      const auto plain = static_cast<size_t>(special - text.begin());
      out.append(text.substr(0, plain));
      if (plain == text.size()) break;
      escape(*special);
      text.remove_prefix(plain + 1);
    }
    out += '"';
    return true;
  }

  static bool needs_escape(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
  }

  void escape(char c) {
    switch (c) {
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '"':
      case '\\':
        out += '\\';
        out += c;
        break;
      default:
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<int>(c));
    }
  }

  bool is_array(int index) {
    if (lua_objlen(L_, index) > 0) return true;
    if (!lua_getmetatable(L_, index)) return false;
    luaL_getmetatable(L_, kArrayMark);
    const bool marked = lua_rawequal(L_, -1, -2);
    lua_pop(L_, 2);
    return marked;
  }

  bool table(int index, int depth) {
    if (depth == kDeepest) return wrong("nested deeper than 100 levels (a cycle?)");
    if (!lua_checkstack(L_, 6)) return wrong("nested too deep");
    return is_array(index) ? array(index, depth) : object(index, depth);
  }

  bool array(int index, int depth) {
    const size_t length = lua_objlen(L_, index);
    size_t keys = 0;
    for (lua_pushnil(L_); lua_next(L_, index) != 0; lua_pop(L_, 1)) {
      if (lua_type(L_, -2) != LUA_TNUMBER) {
        lua_pop(L_, 2);
        return wrong("a table is either a list or has names, not both");
      }
      ++keys;
    }
    if (keys != length) return wrong("a list must not have holes");
    out += '[';
    for (size_t i = 1; i <= length; ++i) {
      if (i > 1) out += ',';
      lua_rawgeti(L_, index, static_cast<int>(i));
      const bool good = value(lua_gettop(L_), depth + 1);
      lua_pop(L_, 1);
      if (!good) return false;
    }
    return put("]");
  }

  // They live as long as the table has them.
  using Names = boost::container::small_vector<std::string_view, 16>;

  // In the order of the names: LuaJIT's own differs from VM to VM.
  bool object(int index, int depth) {
    Names names;
    if (!read_names(index, names)) return wrong("names must be strings, and lists start at 1");
    std::sort(names.begin(), names.end());
    out += '{';
    for (const std::string_view name : names) {
      if (out.back() != '{') out += ',';
      if (!string(name)) return false;
      out += ':';
      lua_pushlstring(L_, name.data(), name.size());
      lua_rawget(L_, index);
      const bool good = value(lua_gettop(L_), depth + 1);
      lua_pop(L_, 1);
      if (!good) {
        if (depth < 4) error = fmt::format("'{}': {}", name, error);
        return false;
      }
    }
    return put("}");
  }

  bool read_names(int index, Names& names) {
    for (lua_pushnil(L_); lua_next(L_, index) != 0; lua_pop(L_, 1)) {
      if (lua_type(L_, -2) != LUA_TSTRING) {
        lua_pop(L_, 2);
        return false;
      }
      size_t length = 0;
      const char* name = lua_tolstring(L_, -2, &length);
      names.emplace_back(name, length);
    }
    return true;
  }

  lua_State* L_;
};

}  // namespace

Result<std::string> to_json(lua_State* L, int index) {
  Encoder encoder(L);
  encoder.out.reserve(256);
  if (index < 0) index = lua_gettop(L) + 1 + index;
  if (!encoder.value(index, 0)) return fail("cannot be written as JSON: " + encoder.error);
  return std::move(encoder.out);
}

void push_json_null(lua_State* L) { lua_pushlightuserdata(L, nullptr); }

void mark_json_array(lua_State* L, int index) {
  luaL_newmetatable(L, kArrayMark);
  lua_setmetatable(L, index < 0 ? index - 1 : index);
}

}  // namespace engine::lua
