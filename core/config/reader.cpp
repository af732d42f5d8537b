#include "core/config/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/base/utf8.h"

namespace engine::config {

void Reader::refuse(const toml::source_region& at, std::string_view text) {
  const std::string_view separator = key_.empty() ? "" : ": ";
  problems_.push_back({at.begin.line, at.begin.column,
                       fmt::format("{}: {}{}{}", where(at), key_, separator, text)});
}

void Reader::expected(const toml::node& value, std::string_view what) {
  refuse(value, fmt::format("expected {}, found {}", what, described(value)));
}

std::filesystem::path Reader::resolve(const std::string& path) const {
  if (path.empty()) return {};
  return (folder_ / path).lexically_normal();
}

std::string Reader::where(const toml::source_region& at) const {
  if (!positions_) return origin_;
  return fmt::format("{}:{}:{}", origin_, at.begin.line, at.begin.column);
}

std::vector<Error> Reader::take_errors() {
  std::stable_sort(problems_.begin(), problems_.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  std::vector<Error> errors;
  for (Problem& problem : problems_) errors.push_back({std::move(problem.message)});
  problems_.clear();
  return errors;
}

std::string described(const toml::node& value) {
  switch (value.type()) {
    case toml::node_type::string:
      return fmt::format("the text \"{}\"", printable(value.ref<std::string>(), 60));
    case toml::node_type::integer:
      return fmt::format("the integer {}", value.ref<int64_t>());
    case toml::node_type::floating_point:
      return fmt::format("the number {}", value.ref<double>());
    case toml::node_type::boolean:
      return value.ref<bool>() ? "true" : "false";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::table:
      return "a table";
    default:
      return "a date or time";
  }
}

}  // namespace engine::config
