#include "core/config/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "core/config/kinds.h"

namespace engine::config {
namespace {

// Without quotes where TOML lets them be left out.
std::string key(const std::string& name) {
  const bool bare = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
  return bare ? name : quoted(name);
}

}  // namespace

nlohmann::json to_json(const toml::node& value) {
  switch (value.type()) {
    case toml::node_type::string:
      return value.ref<std::string>();
    case toml::node_type::integer:
      return value.ref<int64_t>();
    case toml::node_type::floating_point:
      return value.ref<double>();
    case toml::node_type::boolean:
      return value.ref<bool>();
    case toml::node_type::array: {
      auto array = nlohmann::json::array();
      for (const toml::node& item : *value.as_array()) array.push_back(to_json(item));
      return array;
    }
    case toml::node_type::table: {
      auto object = nlohmann::json::object();
      for (const auto& [name, item] : *value.as_table()) {
        object[std::string(name.str())] = to_json(item);
      }
      return object;
    }
    default:
      break;
  }
  std::ostringstream text;
  if (const auto* date = value.as_date()) text << *date;
  if (const auto* time = value.as_time()) text << *time;
  if (const auto* date_time = value.as_date_time()) text << *date_time;
  return text.str();
}

std::string to_toml(const nlohmann::json& value) {
  if (value.is_string()) return quoted(value.get<std::string>());
  // JSON has no words for these.
  if (value.is_number_float() && !std::isfinite(value.get<double>())) {
    return fmt::format("{}", value.get<double>());
  }
  std::vector<std::string> parts;
  if (value.is_array()) {
    for (const auto& item : value) parts.push_back(to_toml(item));
    return fmt::format("[{}]", fmt::join(parts, ", "));
  }
  if (!value.is_object()) return value.dump();
  for (const auto& [name, item] : value.items()) {
    parts.push_back(fmt::format("{} = {}", key(name), to_toml(item)));
  }
  return parts.empty() ? "{}" : fmt::format("{{ {} }}", fmt::join(parts, ", "));
}

}  // namespace engine::config
