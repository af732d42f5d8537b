#include "core/config/schema.h"

#include <algorithm>

#include "core/config/schema_sections.h"

namespace engine::config {
namespace {

Schema make_schema() {
  Schema schema;
  add_top(schema);
  add_mqtt(schema);
  add_will(schema);
  add_broker(schema);
  add_health(schema);
  add_feedback(schema);
  add_devices(schema);
  add_topics(schema);
  add_media(schema);
  add_log(schema);
  add_scripts(schema);
  add_scene(schema);
  add_services(schema);
  add_web(schema);
  add_simulate(schema);
  add_values(schema);
  return schema;
}

}  // namespace

const Key* Schema::find(std::string_view name) const {
  const auto at =
      std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.name == name; });
  return at == keys.end() ? nullptr : &*at;
}

bool Schema::is_section(std::string_view name) const {
  return std::any_of(sections.begin(), sections.end(),
                     [&](const SectionDoc& section) { return section.name == name; });
}

std::vector<std::string> Schema::names_in(const std::string& section) const {
  std::vector<std::string> names;
  const std::string prefix = section.empty() ? "" : section + ".";
  const auto add = [&](const std::string& name) {
    if (name.size() <= prefix.size() || !name.starts_with(prefix)) return;
    const std::string rest = name.substr(prefix.size());
    if (rest.find('.') == rest.npos) names.push_back(rest);
  };
  for (const Key& key : keys) add(key.name);
  for (const SectionDoc& each : sections) {
    if (!find(each.name)) add(each.name);
  }
  return names;
}

const Schema& schema() {
  static const Schema kSchema = make_schema();
  return kSchema;
}

const std::vector<std::string>& logger_names() {
  static const std::vector<std::string> kNames = {
      "mqtt",  "mqtt_handler", "mqtt_feedback", "mqtt_devices", "script",
      "scene", "broker",       "media",         "store",        "engine"};
  return kNames;
}

}  // namespace engine::config
