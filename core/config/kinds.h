#pragma once

#include <toml++/toml.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/config/reader.h"

// The kinds of values that keys have. Only the sources in this folder include this header.
namespace engine::config {

template <typename T>
struct Kind {
  // Nothing when the value is refused; the reader has been told why.
  std::function<std::optional<T>(const toml::node&, Reader&)> read;
  // As TOML.
  std::function<std::string(const T&)> write;
  // On the command line such a value needs no quotes.
  bool is_text = false;
};

template <typename T>
using Check = std::function<Result<T>(T)>;  // Passes a value on, perhaps in its normal form.

std::string quoted(const std::string& text);

Kind<std::string> text(Check<std::string> check = nullptr);
Kind<std::filesystem::path> path();
Kind<bool> flag();
// Messages say `99999 is not a port (1-65535)` for noun `a port`.
Kind<int> integer(int low, int high, std::string noun);
Kind<double> number(double low, double high, std::string noun);
// Seconds, with or without a fraction.
Kind<Duration> seconds(double low, double high);
// As `seconds`; 0 stands for none.
Kind<std::optional<Duration>> seconds_or_none(double high);
// `low` and `high` of a list of two times in seconds.
Kind<std::pair<Duration, Duration>> seconds_range(double high);
Kind<std::chrono::milliseconds> milliseconds(int low, int high);

template <typename T>
using Words = std::vector<std::pair<std::string, T>>;

// The place among `words` of the value's text; a bare integer counts as its digits (`version = 5`).
std::optional<size_t> read_word(const toml::node& value, const std::vector<std::string>& words,
                                Reader& reader);

// One of several words; of two for the same value, the first is written.
template <typename T>
Kind<T> choice(Words<T> words) {
  std::vector<std::string> names;
  for (const auto& word : words) names.push_back(word.first);
  const auto read = [words, names](const toml::node& value, Reader& reader) -> std::optional<T> {
    const auto index = read_word(value, names, reader);
    if (!index) return std::nullopt;
    return words[*index].second;
  };
  const auto write = [words](const T& value) {
    for (const auto& word : words) {
      if (word.second == value) return quoted(word.first);
    }
    return quoted("");
  };
  return {read, write, true};
}

// `[a, b]`; with `one_per_line` each on a line of its own.
std::string joined(const std::vector<std::string>& values, bool one_per_line = false);

template <typename T>
Kind<std::vector<T>> list_of(Kind<T> element, std::string expected, bool one_per_line = false) {
  const auto read = [element, expected](const toml::node& value,
                                        Reader& reader) -> std::optional<std::vector<T>> {
    const toml::array* array = value.as_array();
    if (!array) {
      reader.expected(value, expected);
      return std::nullopt;
    }
    std::vector<T> result;
    for (size_t i = 0; i < array->size(); ++i) {
      const Reader::Step step(reader, "[" + std::to_string(i + 1) + "]");
      if (auto item = element.read((*array)[i], reader)) result.push_back(std::move(*item));
    }
    if (result.size() < array->size()) return std::nullopt;
    return result;
  };
  const auto write = [element, one_per_line](const std::vector<T>& values) {
    std::vector<std::string> texts;
    for (const T& item : values) texts.push_back(element.write(item));
    return joined(texts, one_per_line);
  };
  return {read, write};
}

// Lists of these.
inline Kind<std::vector<std::string>> texts(Check<std::string> check, std::string expected) {
  return list_of(text(std::move(check)), std::move(expected));
}

inline Kind<std::vector<std::filesystem::path>> paths() {
  return list_of(path(), "a list of paths");
}

constexpr double kDay = 86'400;  // Seconds.

}  // namespace engine::config
