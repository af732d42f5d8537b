#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "bindings/lua/lua.h"

// Checks of arguments. Each raises at the script's line and says what was expected; call them
// before anything with a destructor is alive where the platform's unwinder is in doubt.
namespace engine::lua {

// Raises "bad argument #index to 'function' (reason)".
[[noreturn]] void bad_argument(lua_State* L, int index, const std::string& reason);

std::string_view check_string(lua_State* L, int index);  // Strings only: 42 is not a topic.
// Finite, and not negative.
double check_seconds(lua_State* L, int index);
double check_whole(lua_State* L, int index, double most);  // A whole number from 0.
double check_finite(lua_State* L, int index);
void check_table(lua_State* L, int index);
void check_function(lua_State* L, int index);

// An optional table of options at `index`. Each getter names the option in its error; `finish`
// raises on an option that was not asked for, with the nearest known name.
class Options {
 public:
  Options(lua_State* L, int index);
  bool present() const { return present_; }
  bool boolean(const char* name, bool otherwise);
  std::optional<double> seconds(const char* name);
  std::optional<std::variant<bool, double>> boolean_or_seconds(const char* name);
  int qos(int otherwise = 0);
  std::string string(const char* name);
  // Pushes the raw value; false (nothing pushed) when it is nil.
  bool push(const char* name);
  void finish();

 private:
  [[noreturn]] void wrong(const char* name, const char* expected);
  bool all_known();

  static constexpr int kMost = 16;
  lua_State* L_;
  int index_;
  bool present_;
  const char* known_[kMost] = {};
  int known_count_ = 0;
};

}  // namespace engine::lua
