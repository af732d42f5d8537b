#include <nlohmann/json.hpp>
#include <vector>

#include "bindings/lua/json.h"

namespace engine::lua {
namespace {

constexpr size_t kDeepest = 100;

// Builds the Lua value as nlohmann's parser reads: the container being filled lies on top of the
// stack, in an object with the pending key above it.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(lua_State* L) : L_(L) {}

  bool null() override { return push_json_null(L_), add(); }
  bool boolean(bool value) override { return lua_pushboolean(L_, value), add(); }
  bool number_integer(number_integer_t value) override {
    return number(static_cast<double>(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return number(static_cast<double>(value));
  }
  bool number_float(number_float_t value, const string_t&) override { return number(value); }
  bool string(string_t& value) override { return text(value), add(); }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return open(false); }
  bool key(string_t& name) override { return text(name), true; }
  bool end_object() override { return close(); }
  bool start_array(size_t) override { return open(true); }
  bool end_array() override {
    if (levels_.back().count == 0) mark_json_array(L_, lua_gettop(L_));
    return close();
  }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception& e) override {
    const std::string what = e.what();  // "[json.exception.parse_error.101] parse error at ..."
    const size_t prefix = what.find("] ");
    error = prefix == what.npos ? what : what.substr(prefix + 2);
    return false;
  }

  std::string error;

 private:
  struct Level {
    bool array;
    int count = 0;
  };

  bool number(double value) { return lua_pushnumber(L_, value), add(); }
  void text(const std::string& value) { lua_pushlstring(L_, value.data(), value.size()); }

  bool open(bool array) {
    if (levels_.size() == kDeepest) {
      error = "nested deeper than 100 levels";
      return false;
    }
    luaL_checkstack(L_, 4, "JSON");
    lua_newtable(L_);
    levels_.push_back({array});
    return true;
  }
  bool close() {
    levels_.pop_back();
    return add();
  }
  // Puts the value on top into the container below it.
  bool add() {
    if (levels_.empty()) return true;
    Level& level = levels_.back();
    if (level.array) {
      lua_rawseti(L_, -2, ++level.count);
    } else {
      lua_rawset(L_, -3);
    }
    return true;
  }

  lua_State* L_;
  std::vector<Level> levels_;
};

}  // namespace

Result<void> push_json(lua_State* L, std::string_view text) {
  const int top = lua_gettop(L);
  luaL_checkstack(L, 4, "JSON");
  Builder builder(L);
  if (nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) return {};
  lua_settop(L, top);
  return fail("not JSON: " + builder.error);
}

int push_json_or_error(lua_State* L, std::string_view text) {
  const auto decoded = push_json(L, text);
  if (decoded) return 1;
  lua_pushnil(L);
  lua_pushstring(L, decoded.error().message.c_str());
  return 2;
}

}  // namespace engine::lua
