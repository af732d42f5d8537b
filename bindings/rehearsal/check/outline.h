#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/rehearsal/check/lua_tokens.h"

namespace engine::checking {

struct TableText;

// An expression as it is written.
struct Value {
  enum class Kind { text, number, table, other };
  Kind kind = Kind::other;
  std::string text;                        // Kind::text.
  double number = 0;                       // Kind::number.
  std::shared_ptr<const TableText> table;  // Kind::table.
  Position at;
};

// `{ 5.0, "room1/steam", "ON", confirm = 2.0 }`.
struct TableText {
  struct Item {
    std::string key;  // Of `key = value` and `["key"] = value`; empty: an element of the list.
    Value value;
    Position at;       // Of the key, or of the element.
    size_t begin = 0;  // Offsets in the source, the separator after it included.
    size_t end = 0;
  };
  std::vector<Item> items;

  // Null if there is none.
  const Item* find(std::string_view key) const;
  const Item* element(size_t number) const;  // From 1.
};

// A call, with the arguments that it is written with. For `scene "ghost" { ... }` there are two:
// that of the name alone, and one with the name and the table.
struct CallText {
  std::string function;  // "mqtt.publish", "s:play", "scene"; empty for what has no such name.
  std::string name;      // "publish", "play", "scene".
  std::vector<Value> arguments;
  Position at;            // Of the function's name.
  Position arguments_at;  // Where LuaJIT has the call's line.
  // When it is a statement of its own: its offsets in the source.
  std::optional<std::pair<size_t, size_t>> statement;
};

// A use of a name that is no local one; with the field that is taken of it at once, if any.
struct GlobalUse {
  std::string name;
  Position at;
  bool written = false;  // `name = ...` or `function name()`.
  std::string field;     // Of `name.field`; empty: none.
  Position field_at;
  bool field_written = false;
};

// What the checks need to know of a script's text.
struct Outline {
  std::vector<Token> tokens;
  std::vector<CallText> calls;                           // In the order in which they end.
  std::vector<std::shared_ptr<const TableText>> tables;  // Also those within others.
  std::vector<GlobalUse> globals;
  std::optional<Position> broken_at;  // Where it is not Lua: the rest is not known.
};

Outline outline(std::string_view source);

}  // namespace engine::checking
