#include <simdjson.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bindings/lua/json.h"

namespace engine::lua {
namespace {

namespace dom = simdjson::dom;

constexpr size_t kDeepest = 100;
// Of a table that is made with room for what comes.
constexpr size_t kMostForeseen = 1 << 20;
// What the parser holds ready of memory stays for good, so larger texts have one of their own.
constexpr size_t kLargestKept = 64 << 10;

int foreseen(size_t count) { return static_cast<int>(std::min(count, kMostForeseen)); }

bool push_element(lua_State* L, const dom::element& element, size_t depth);

bool push_array(lua_State* L, const dom::array& array, size_t depth) {
  lua_createtable(L, foreseen(array.size()), 0);
  int count = 0;
  for (const dom::element element : array) {
    if (!push_element(L, element, depth + 1)) return false;
    lua_rawseti(L, -2, ++count);
  }
  if (count == 0) mark_json_array(L, lua_gettop(L));
  return true;
}

bool push_object(lua_State* L, const dom::object& object, size_t depth) {
  lua_createtable(L, 0, foreseen(object.size()));
  for (const auto& [name, element] : object) {
    lua_pushlstring(L, name.data(), name.size());
    if (!push_element(L, element, depth + 1)) return false;
    lua_rawset(L, -3);
  }
  return true;
}

// False, with anything on the stack: too deep.
bool push_element(lua_State* L, const dom::element& element, size_t depth) {
  using Type = dom::element_type;
  const bool container = element.is_array() || element.is_object();
  if (container && depth == kDeepest) return false;
  if (container) luaL_checkstack(L, 4, "JSON");
  switch (element.type()) {
    case Type::ARRAY:
      return push_array(L, element.get_array().value_unsafe(), depth);
    case Type::OBJECT:
      return push_object(L, element.get_object().value_unsafe(), depth);
    case Type::STRING: {
      const std::string_view text = element.get_string().value_unsafe();
      return lua_pushlstring(L, text.data(), text.size()), true;
    }
    case Type::BOOL:
      return lua_pushboolean(L, element.get_bool().value_unsafe()), true;
    case Type::NULL_VALUE:
      return push_json_null(L), true;
    default:
      return lua_pushnumber(L, element.get_double().value_unsafe()), true;
  }
}

bool push_by(dom::parser& parser, std::string& padded, lua_State* L, std::string_view text) {
  padded.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  padded.assign(text);
  dom::element root;
  if (parser.parse(padded.data(), text.size(), false).get(root)) return false;
  return push_element(L, root, 0);
}

// False, with anything on the stack: not JSON, or with something that simdjson does not read.
bool push_fast(lua_State* L, std::string_view text) {
  if (text.size() > kLargestKept) {
    dom::parser parser;
    std::string padded;
    return push_by(parser, padded, L, text);
  }
  thread_local dom::parser parser;
  thread_local std::string padded;
  return push_by(parser, padded, L, text);
}

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
  if (push_fast(L, text)) return {};
  lua_settop(L, top);
  // The slow one says where it is wrong; and it reads integers of more than 64 bits.
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
