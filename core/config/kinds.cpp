#include "core/config/kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <type_traits>

#include "core/base/nearest.h"
#include "core/base/utf8.h"

namespace engine::config {
namespace {

// The value as a number, if it is one; else the reader is told that `what` was expected.
std::optional<double> read_number(const toml::node& value, Reader& reader, std::string_view what) {
  if (const auto* integer = value.as_integer()) return static_cast<double>(integer->get());
  if (const auto* floating = value.as_floating_point()) return floating->get();
  reader.expected(value, what);
  return std::nullopt;
}

// Also refuses nan, which is in no range.
template <typename T>
bool in_range(const toml::node& node, Reader& reader, T value, T low, T high,
              std::string_view noun) {
  if (value >= low && value <= high) return true;
  reader.refuse(node, fmt::format("{} is not {} ({}-{})", value, noun, low, high));
  return false;
}

std::optional<Duration> read_seconds(const toml::node& value, Reader& reader, double low,
                                     double high) {
  const auto number = read_number(value, reader, "a time in seconds");
  if (!number || !in_range(value, reader, *number, low, high, "a time in seconds")) {
    return std::nullopt;
  }
  return from_seconds(*number);
}

std::string write_seconds(Duration time) { return fmt::format("{}", to_seconds(time)); }

}  // namespace

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      result += fmt::format("\\u{:04x}", c);
    } else {
      result += c;
    }
  }
  return result + '"';
}

Kind<std::string> text(Check<std::string> check) {
  const auto read = [check](const toml::node& value, Reader& reader) -> std::optional<std::string> {
    const auto* string = value.as_string();
    if (!string) {
      reader.expected(value, "text in quotes");
      return std::nullopt;
    }
    if (!check) return string->get();
    auto checked = check(string->get());
    if (checked) return std::move(*checked);
    reader.refuse(value, checked.error().message);
    return std::nullopt;
  };
  return {read, quoted, true};
}

Kind<std::filesystem::path> path() {
  const auto read = [](const toml::node& value,
                       Reader& reader) -> std::optional<std::filesystem::path> {
    const auto* string = value.as_string();
    if (!string) {
      reader.expected(value, "a path in quotes");
      return std::nullopt;
    }
    if (string->get().find('\0') != std::string::npos) {
      reader.refuse(value, "a path has no NUL character");
      return std::nullopt;
    }
    return reader.resolve(string->get());
  };
  const auto write = [](const std::filesystem::path& p) { return quoted(p.string()); };
  return {read, write, true};
}

Kind<bool> flag() {
  const auto read = [](const toml::node& value, Reader& reader) -> std::optional<bool> {
    if (const auto* boolean = value.as_boolean()) return boolean->get();
    reader.expected(value, "true or false");
    return std::nullopt;
  };
  return {read, [](const bool& value) { return value ? "true" : "false"; }};
}

Kind<int> integer(int low, int high, std::string noun) {
  const auto read = [=](const toml::node& value, Reader& reader) -> std::optional<int> {
    const auto* found = value.as_integer();
    if (!found) {
      reader.expected(value, "an integer");
      return std::nullopt;
    }
    if (!in_range<int64_t>(value, reader, found->get(), low, high, noun)) return std::nullopt;
    return static_cast<int>(found->get());
  };
  return {read, [](const int& value) { return std::to_string(value); }};
}

Kind<double> number(double low, double high, std::string noun) {
  const auto read = [=](const toml::node& value, Reader& reader) -> std::optional<double> {
    const auto found = read_number(value, reader, "a number");
    if (!found || !in_range(value, reader, *found, low, high, noun)) return std::nullopt;
    return found;
  };
  return {read, [](const double& value) { return fmt::format("{}", value); }};
}

Kind<Duration> seconds(double low, double high) {
  const auto read = [=](const toml::node& value, Reader& reader) {
    return read_seconds(value, reader, low, high);
  };
  return {read, write_seconds};
}

Kind<std::optional<Duration>> seconds_or_none(double high) {
  const auto read = [=](const toml::node& value,
                        Reader& reader) -> std::optional<std::optional<Duration>> {
    const auto time = read_seconds(value, reader, 0, high);
    if (!time) return std::nullopt;
    return *time == Duration::zero() ? std::optional<Duration>() : time;
  };
  const auto write = [](const std::optional<Duration>& time) {
    return write_seconds(time.value_or(Duration::zero()));
  };
  return {read, write};
}

Kind<std::pair<Duration, Duration>> seconds_range(double high) {
  using Range = std::pair<Duration, Duration>;
  const Kind<std::vector<Duration>> times =
      list_of(seconds(0, high), "two times, [shortest, longest]");
  const auto read = [times](const toml::node& value, Reader& reader) -> std::optional<Range> {
    const auto found = times.read(value, reader);
    if (!found) return std::nullopt;
    if (found->size() != 2 || found->front() > found->back()) {
      reader.refuse(value, "expected two times, [shortest, longest]");
      return std::nullopt;
    }
    return Range(found->front(), found->back());
  };
  const auto write = [times](const Range& range) {
    return times.write({range.first, range.second});
  };
  return {read, write};
}

Kind<std::chrono::milliseconds> milliseconds(int low, int high) {
  const Kind<int> count = integer(low, high, "a time in milliseconds");
  const auto read = [count](const toml::node& value,
                            Reader& reader) -> std::optional<std::chrono::milliseconds> {
    const auto found = count.read(value, reader);
    if (!found) return std::nullopt;
    return std::chrono::milliseconds(*found);
  };
  const auto write = [](const std::chrono::milliseconds& t) { return std::to_string(t.count()); };
  return {read, write};
}

std::optional<size_t> read_word(const toml::node& value, const std::vector<std::string>& words,
                                Reader& reader) {
  std::string word;
  if (const auto* integer = value.as_integer()) {
    word = std::to_string(integer->get());
  } else if (const auto* string = value.as_string()) {
    word = string->get();
  }
  const auto at = std::find(words.begin(), words.end(), word);
  if (at != words.end()) return static_cast<size_t>(at - words.begin());

  std::vector<std::string> choices;
  for (const std::string& each : words) choices.push_back(quoted(each));
  const std::string one_of = fmt::format("one of {}", fmt::join(choices, " "));
  if (!value.is_string()) {
    reader.expected(value, one_of);
    return std::nullopt;
  }
  const auto meant = word.size() > 2 ? nearest(word, words) : std::nullopt;
  reader.refuse(value, fmt::format("\"{}\" is not {}{}", printable(word, 60), one_of,
                                   meant ? fmt::format("; did you mean \"{}\"?", *meant) : ""));
  return std::nullopt;
}

std::string joined(const std::vector<std::string>& values, bool one_per_line) {
  if (!one_per_line || values.empty()) return fmt::format("[{}]", fmt::join(values, ", "));
  return fmt::format("[\n  {},\n]", fmt::join(values, ",\n  "));
}

}  // namespace engine::config
