#include "core/config/values.h"

#include <sstream>
#include <string>

namespace engine::config {

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

}  // namespace engine::config
