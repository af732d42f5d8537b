#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace engine::checking {

// Both from 1; the column counts bytes.
struct Position {
  int line = 1;
  int column = 1;
  bool operator==(const Position&) const = default;
};

struct Token {
  enum class Kind { name, keyword, text, number, symbol, end };
  Kind kind = Kind::end;
  // Of text: its value. Else as it is written.
  std::string text;
  double number = 0;
  Position at;
  size_t begin = 0;  // Offsets in the source.
  size_t end = 0;

  bool is(std::string_view word) const {
    return (kind == Kind::keyword || kind == Kind::symbol) && text == word;
  }
};

// The tokens of LuaJIT's Lua, comments left out, ending with Kind::end. What is not Lua (which the
// compiler refuses) ends the list early.
std::vector<Token> lua_tokens(std::string_view source);

}  // namespace engine::checking
