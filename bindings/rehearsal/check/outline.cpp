#include "bindings/rehearsal/check/outline.h"

#include <algorithm>
#include <utility>

namespace engine::checking {

const TableText::Item* TableText::find(std::string_view key) const {
  for (const Item& item : items) {
    if (item.key == key) return &item;
  }
  return nullptr;
}

const TableText::Item* TableText::element(size_t number) const {
  for (const Item& item : items) {
    if (item.key.empty() && --number == 0) return &item;
  }
  return nullptr;
}

namespace {

constexpr int kDeepest = 180;  // LuaJIT's own limit is 200.

// Recursive descent over the grammar of Lua 5.1 with LuaJIT's goto. At the first thing that is not
// Lua it jumps to the end, where every loop stops.
class Parser {
 public:
  explicit Parser(std::string_view source) { outline_.tokens = lua_tokens(source); }

  Outline run() {
    block();
    if (!outline_.broken_at && now().kind != Token::Kind::end) broken();
    return std::move(outline_);
  }

 private:
  // What a suffixed expression has been so far.
  struct Prefix {
    Value value;
    std::string path;              // "mqtt.publish"; empty: has no name.
    std::string name;              // Its last part.
    Position at;                   // Of that.
    std::vector<Value> arguments;  // Of the call that it ended with.
    bool bare_name = true;
    bool called = false;  // It ends with a call.
    int global = -1;      // Its root, if that is global.
  };

  const Token& now() const { return outline_.tokens[index_]; }
  const Token& peek() const {
    return outline_.tokens[std::min(index_ + 1, outline_.tokens.size() - 1)];
  }
  const Token& take() {
    const Token& token = now();
    if (token.kind != Token::Kind::end) ++index_;
    return token;
  }
  bool accept(std::string_view word) {
    if (!now().is(word)) return false;
    take();
    return true;
  }
  void expect(std::string_view word) {
    if (!accept(word)) broken();
  }
  std::string expect_name() {
    if (now().kind == Token::Kind::name) return take().text;
    broken();
    return {};
  }
  void broken() {
    if (!outline_.broken_at) outline_.broken_at = now().at;
    index_ = outline_.tokens.size() - 1;
  }
  bool block_ends() const {
    return now().kind == Token::Kind::end || now().is("end") || now().is("else") ||
           now().is("elseif") || now().is("until");
  }

  // ---- names

  void declare(std::string name) { locals_.push_back(std::move(name)); }
  bool is_local(const std::string& name) const {
    return std::find(locals_.rbegin(), locals_.rend(), name) != locals_.rend();
  }
  int note_global(const Token& name) {
    if (is_local(name.text)) return -1;
    GlobalUse use;
    use.name = name.text;
    use.at = name.at;
    outline_.globals.push_back(std::move(use));
    return static_cast<int>(outline_.globals.size()) - 1;
  }
  GlobalUse& global(const Prefix& prefix) {
    return outline_.globals[static_cast<size_t>(prefix.global)];
  }

  // ---- statements

  void block() {
    const size_t outer = locals_.size();
    statements();
    locals_.resize(outer);
  }

  void statements() {
    if (++depth_ > kDeepest) broken();
    while (!block_ends()) {
      if (now().is("return")) {
        take();
        if (!block_ends() && !now().is(";")) expressions();
        accept(";");
        break;
      }
      statement();
      accept(";");
    }
    --depth_;
  }

  void body(std::string_view closing) {
    block();
    expect(closing);
  }

  void statement() {
    if (accept("do")) return body("end");
    if (accept("while")) {
      expression();
      expect("do");
      return body("end");
    }
    if (accept("repeat")) return repeat();
    if (accept("if")) return condition();
    if (accept("for")) return loop();
    if (accept("function")) return function_statement();
    if (accept("local")) return local();
    if (accept("break") || accept(";")) return;
    if (now().text == "goto" && peek().kind == Token::Kind::name) {
      take();
      take();
      return;
    }
    if (accept("::")) {
      expect_name();
      return expect("::");
    }
    expression_statement();
  }

  void repeat() {
    const size_t outer = locals_.size();
    statements();
    expect("until");
    expression();
    locals_.resize(outer);
  }

  void condition() {
    do {
      expression();
      expect("then");
      block();
    } while (accept("elseif"));
    if (accept("else")) block();
    expect("end");
  }

  void loop() {
    std::vector<std::string> names = {expect_name()};
    while (accept(",")) names.push_back(expect_name());
    if (!accept("=")) expect("in");
    expressions();
    expect("do");
    const size_t outer = locals_.size();
    for (std::string& name : names) declare(std::move(name));
    body("end");
    locals_.resize(outer);
  }

  void function_statement() {
    if (now().kind != Token::Kind::name) return broken();
    const int index = note_global(take());
    bool method = false;
    for (bool first = true; now().is(".") || now().is(":"); first = false) {
      method = take().is(":");
      const Position at = now().at;
      const std::string field = expect_name();
      if (first && index >= 0)
        set_field(outline_.globals[static_cast<size_t>(index)], field, at, true);
    }
    if (index >= 0) {
      GlobalUse& use = outline_.globals[static_cast<size_t>(index)];
      use.written = use.field.empty();
    }
    function_body(method);
  }

  static void set_field(GlobalUse& use, const std::string& field, Position at, bool written) {
    use.field = field;
    use.field_at = at;
    use.field_written = written;
  }

  void local() {
    if (accept("function")) {
      declare(expect_name());
      return function_body(false);
    }
    std::vector<std::string> names = {expect_name()};
    while (accept(",")) names.push_back(expect_name());
    if (accept("=")) expressions();
    for (std::string& name : names) declare(std::move(name));
  }

  void expression_statement() {
    const size_t begin = now().begin;
    const size_t calls = outline_.calls.size();
    Prefix prefix = suffixed();
    if (now().is("=") || now().is(",")) {
      mark_written(prefix);
      while (accept(",")) mark_written(suffixed());
      expect("=");
      expressions();
    } else if (!prefix.called) {
      broken();
    } else if (!outline_.broken_at && outline_.calls.size() > calls) {
      outline_.calls.back().statement = {begin, outline_.tokens[index_ - 1].end};
    }
  }

  void mark_written(const Prefix& prefix) {
    if (prefix.global < 0 || prefix.called) return;
    GlobalUse& use = global(prefix);
    if (prefix.bare_name) {
      use.written = true;
    } else if (prefix.path == use.name + "." + use.field) {
      use.field_written = true;
    }
  }

  void function_body(bool method) {
    const size_t outer = locals_.size();
    if (method) declare("self");
    expect("(");
    while (!now().is(")") && now().kind != Token::Kind::end) {
      if (!accept("...")) declare(expect_name());
      if (!accept(",")) break;
    }
    expect(")");
    body("end");
    locals_.resize(outer);
  }

  // ---- expressions

  std::vector<Value> expressions() {
    std::vector<Value> values = {expression()};
    while (accept(",")) values.push_back(expression());
    return values;
  }

  bool binary_operator() {
    static constexpr std::string_view kOperators[] = {"+",  "-", "*",  "/",  "%",  "^",   "..", "<",
                                                      "<=", ">", ">=", "==", "~=", "and", "or"};
    for (const std::string_view each : kOperators) {
      if (accept(each)) return true;
    }
    return false;
  }

  // Precedence does not matter here, only what is written.
  Value expression() {
    if (++depth_ > kDeepest) broken();
    Value value = operand();
    const Position at = value.at;
    bool alone = true;
    while (binary_operator()) {
      operand();
      alone = false;
    }
    --depth_;
    if (alone) return value;
    value = {};
    value.at = at;
    return value;
  }

  Value operand() {
    const Position at = now().at;
    const bool negative = now().is("-") && peek().kind == Token::Kind::number;
    bool changed = false;
    while (accept("-") || accept("not") || accept("#")) changed = true;
    Value value = simple();
    if (negative) {
      value.number = -value.number;
    } else if (changed) {
      value = {};
    }
    value.at = at;
    return value;
  }

  Value simple() {
    Value value;
    value.at = now().at;
    switch (now().kind) {
      case Token::Kind::number:
        value.kind = Value::Kind::number;
        value.number = take().number;
        return value;
      case Token::Kind::text:
        value.kind = Value::Kind::text;
        value.text = take().text;
        return value;
      default:
        break;
    }
    if (now().is("{")) return table();
    if (accept("function")) {
      function_body(false);
      return value;
    }
    if (accept("nil") || accept("true") || accept("false") || accept("...")) return value;
    return suffixed().value;
  }

  Value table() {
    auto text = std::make_shared<TableText>();
    Value value;
    value.kind = Value::Kind::table;
    value.at = now().at;
    expect("{");
    while (!now().is("}") && now().kind != Token::Kind::end) {
      text->items.push_back(item());
      const bool more = accept(",") || accept(";");
      if (index_ > 0) text->items.back().end = outline_.tokens[index_ - 1].end;
      if (!more) break;
    }
    expect("}");
    value.table = std::move(text);
    outline_.tables.push_back(value.table);
    return value;
  }

  TableText::Item item() {
    TableText::Item item;
    item.at = now().at;
    item.begin = now().begin;
    if (now().kind == Token::Kind::name && peek().is("=")) {
      item.key = take().text;
      take();
    } else if (accept("[")) {
      const Value key = expression();
      item.key = key.kind == Value::Kind::text ? key.text : "[]";
      expect("]");
      expect("=");
    }
    item.value = expression();
    return item;
  }

  Prefix suffixed() {
    Prefix prefix = primary();
    for (;;) {
      if (now().is(".")) {
        field(prefix);
      } else if (accept("[")) {
        expression();
        expect("]");
        unname(prefix);
      } else if (now().is(":")) {
        method_call(prefix);
      } else if (now().is("(") || now().is("{") || now().kind == Token::Kind::text) {
        call(prefix);
      } else {
        return prefix;
      }
      prefix.value = {};
      prefix.bare_name = false;
    }
  }

  Prefix primary() {
    Prefix prefix;
    if (accept("(")) {
      prefix.value = expression();
      expect(")");
      unname(prefix);
      return prefix;
    }
    if (now().kind != Token::Kind::name) {
      broken();
      return prefix;
    }
    const Token& name = take();
    prefix.path = prefix.name = name.text;
    prefix.at = name.at;
    prefix.global = note_global(name);
    return prefix;
  }

  static void unname(Prefix& prefix) {
    prefix.path.clear();
    prefix.name.clear();
    prefix.bare_name = prefix.called = false;
    prefix.global = -1;
  }

  void field(Prefix& prefix) {
    take();
    const Position at = now().at;
    const std::string name = expect_name();
    if (prefix.global >= 0 && prefix.bare_name) set_field(global(prefix), name, at, false);
    extend(prefix, ".", name, at);
    prefix.called = false;
  }

  static void extend(Prefix& prefix, const char* joint, const std::string& name, Position at) {
    if (prefix.called) prefix.path.clear();
    if (!prefix.path.empty()) prefix.path += joint + name;
    prefix.name = name;
    prefix.at = at;
    prefix.arguments.clear();
  }

  void method_call(Prefix& prefix) {
    take();
    const Position at = now().at;
    const std::string name = expect_name();
    if (prefix.called || prefix.path.empty())
      prefix.path.assign(1, '?');  // Not = "?": GCC 12 warns.
    prefix.called = false;
    extend(prefix, ":", name, at);
    call(prefix);
  }

  void call(Prefix& prefix) {
    CallText call;
    call.arguments_at = now().at;
    call.arguments = prefix.called ? prefix.arguments : std::vector<Value>{};
    for (Value& value : arguments()) call.arguments.push_back(std::move(value));
    call.function = prefix.path;
    call.name = prefix.name;
    call.at = prefix.at;
    prefix.arguments = call.arguments;
    prefix.called = true;
    outline_.calls.push_back(std::move(call));
  }

  std::vector<Value> arguments() {
    if (now().kind == Token::Kind::text || now().is("{")) return {simple()};
    std::vector<Value> values;
    expect("(");
    if (!now().is(")")) values = expressions();
    expect(")");
    return values;
  }

  Outline outline_;
  size_t index_ = 0;
  int depth_ = 0;
  std::vector<std::string> locals_;
};

}  // namespace

Outline outline(std::string_view source) { return Parser(source).run(); }

Position declaration_of(const Outline& outline, const std::string& scene) {
  for (const CallText& call : outline.calls) {
    const bool named = !call.arguments.empty() && call.arguments[0].text == scene;
    if (named && call.arguments.size() > 1) return call.at;
  }
  return {};
}

}  // namespace engine::checking
