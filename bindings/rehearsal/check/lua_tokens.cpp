#include "bindings/rehearsal/check/lua_tokens.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

namespace engine::checking {
namespace {

constexpr std::array<std::string_view, 22> kKeywords = {
    "and",      "break",  "do",   "else", "elseif", "end",  "false", "for",
    "function", "goto",   "if",   "in",   "local",  "nil",  "not",   "or",
    "repeat",   "return", "then", "true", "until",  "while"};
// The longest first.
constexpr std::array<std::string_view, 32> kSymbols = {
    "...", "..", "==", "~=", "<=", ">=", "::", "+", "-", "*", "/", "%", "^", "#", "<", ">",
    "=",   "(",  ")",  "{",  "}",  "[",  "]",  ";", ":", ",", ".", "&", "|", "~", "?", "!"};

bool is_name_start(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || static_cast<signed char>(c) < 0;
}
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)); }
bool is_name_part(char c) { return is_name_start(c) || is_digit(c); }

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  std::vector<Token> run() {
    if (peek() == '#') skip_line();
    while (skip_blanks() && next()) {
    }
    begin(Token::Kind::end);
    finish({});
    return std::move(tokens_);
  }

 private:
  char peek(size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : 0;
  }
  bool at_end() const { return at_ >= source_.size(); }
  char take() {
    const char c = source_[at_++];
    if (c == '\n') {
      ++position_.line;
      position_.column = 1;
    } else {
      ++position_.column;
    }
    return c;
  }
  void take(size_t count) {
    while (count-- > 0 && !at_end()) take();
  }
  void skip_line() {
    while (!at_end() && peek() != '\n') take();
  }

  // Also comments. False at the end.
  bool skip_blanks() {
    for (;;) {
      while (!at_end() && std::isspace(static_cast<unsigned char>(peek()))) take();
      if (peek() != '-' || peek(1) != '-') return !at_end();
      take(2);
      if (peek() != '[' || long_level() < 0) {
        skip_line();
      } else {
        std::string ignored;
        if (!long_text(ignored)) return false;
      }
    }
  }

  bool next() {
    const char c = peek();
    if (is_name_start(c)) return word();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (c == '"' || c == '\'') return quoted();
    if (c == '[' && long_level() >= 0) {
      begin(Token::Kind::text);
      std::string text;
      if (!long_text(text)) return false;
      finish(std::move(text));
      return true;
    }
    return symbol();
  }

  bool word() {
    begin(Token::Kind::name);
    const size_t start = at_;
    while (is_name_part(peek())) take();
    std::string text(source_.substr(start, at_ - start));
    if (std::find(kKeywords.begin(), kKeywords.end(), text) != kKeywords.end()) {
      token_.kind = Token::Kind::keyword;
    }
    finish(std::move(text));
    return true;
  }

  bool number() {
    begin(Token::Kind::number);
    const size_t start = at_;
    while (is_name_part(peek()) || peek() == '.' || is_exponent_sign(start)) take();
    std::string text(source_.substr(start, at_ - start));
    token_.number = std::strtod(text.c_str(), nullptr);
    finish(std::move(text));
    return true;
  }
  bool is_exponent_sign(size_t start) const {
    if (peek() != '+' && peek() != '-') return false;
    const bool hex = source_.substr(start, 2) == "0x" || source_.substr(start, 2) == "0X";
    const char before =
        static_cast<char>(std::tolower(static_cast<unsigned char>(source_[at_ - 1])));
    return before == (hex ? 'p' : 'e');
  }

  bool quoted() {
    begin(Token::Kind::text);
    const char quote = take();
    std::string text;
    while (peek() != quote) {
      if (at_end() || peek() == '\n') return false;
      if (peek() == '\\') {
        escape(text);
      } else {
        text += take();
      }
    }
    take();
    finish(std::move(text));
    return true;
  }

  void escape(std::string& text) {
    take();
    if (at_end()) return;
    if (is_digit(peek())) {
      int code = 0;
      for (int i = 0; i < 3 && is_digit(peek()); ++i) code = 10 * code + (take() - '0');
      text += static_cast<char>(code);
      return;
    }
    const char c = take();
    switch (c) {
      case 'n':
        text += '\n';
        return;
      case 't':
        text += '\t';
        return;
      case 'r':
        text += '\r';
        return;
      case 'a':
        text += '\a';
        return;
      case 'b':
        text += '\b';
        return;
      case 'f':
        text += '\f';
        return;
      case 'v':
        text += '\v';
        return;
      case 'x': {
        const std::string digits(source_.substr(at_, 2));
        text += static_cast<char>(std::strtol(digits.c_str(), nullptr, 16));
        take(2);
        return;
      }
      case 'u':
        while (!at_end() && peek() != '}' && peek() != '\n') take();
        take(1);
        text += '?';  // Which character it is matters to no check.
        return;
      case 'z':
        while (!at_end() && std::isspace(static_cast<unsigned char>(peek()))) take();
        return;
      default:
        text += c;
        return;
    }
  }

  // Of `[==[` here: the number of `=`; -1 if it is none.
  int long_level() const {
    size_t ahead = 1;
    while (peek(ahead) == '=') ++ahead;
    return peek(ahead) == '[' ? static_cast<int>(ahead) - 1 : -1;
  }
  bool long_text(std::string& text) {
    const std::string close = "]" + std::string(static_cast<size_t>(long_level()), '=') + "]";
    take(close.size());
    const size_t found = source_.find(close, at_);
    if (found == source_.npos) return false;
    text = source_.substr(at_, found - at_);
    if (text.starts_with("\n")) text.erase(0, 1);
    take(found + close.size() - at_);
    return true;
  }

  bool symbol() {
    for (const std::string_view symbol : kSymbols) {
      if (source_.substr(at_, symbol.size()) != symbol) continue;
      begin(Token::Kind::symbol);
      take(symbol.size());
      finish(std::string(symbol));
      return true;
    }
    return false;
  }

  void begin(Token::Kind kind) {
    token_ = {};
    token_.kind = kind;
    token_.at = position_;
    token_.begin = at_;
  }
  void finish(std::string text) {
    token_.text = std::move(text);
    token_.end = at_;
    tokens_.push_back(std::move(token_));
  }

  const std::string_view source_;
  size_t at_ = 0;
  Position position_;
  Token token_;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> lua_tokens(std::string_view source) { return Lexer(source).run(); }

}  // namespace engine::checking
