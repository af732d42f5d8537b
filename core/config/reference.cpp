#include <fmt/format.h>

#include <string_view>

#include "core/config/load.h"
#include "core/config/schema.h"

namespace engine {
namespace {

using config::Key;
using config::Schema;
using config::SectionDoc;

void append_lines(std::string& out, std::string_view prefix, std::string_view text) {
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    out += prefix;
    out += text.substr(begin, end - begin);
    out += '\n';
    begin = end + 1;
  }
}

std::string section_of(const Key& key) {
  const size_t dot = key.name.rfind('.');
  return dot == key.name.npos ? "" : key.name.substr(0, dot);
}

void append_key(std::string& out, const Key& key, const Config& defaults) {
  if (!key.doc.empty()) {
    out += '\n';
    append_lines(out, "# ", key.doc);
  }
  const std::string name = key.name.substr(key.name.rfind('.') + 1);
  append_lines(out, "#", fmt::format("{} = {}", name, key.write(defaults)));
}

}  // namespace

std::string config_reference() {
  const Schema schema = config::make_schema();
  const Config defaults;
  std::string out;
  for (const SectionDoc& section : schema.sections) {
    if (!section.name.empty()) out += fmt::format("\n[{}]\n", section.name);
    append_lines(out, "# ", section.doc);
    for (const Key& key : schema.keys) {
      if (!key.is_free && section_of(key) == section.name) append_key(out, key, defaults);
    }
  }
  return out;
}

std::vector<std::string> changed_keys(const Config& config) {
  Config defaults;
  defaults.mqtt.client_id = "engine_" + config.site;
  defaults.prefix = "engine/" + config.site;
  std::vector<std::string> lines;
  for (const Key& key : config::make_schema().keys) {
    const std::string value = key.write(config);
    if (value != key.write(defaults)) lines.push_back(fmt::format("{} = {}", key.name, value));
  }
  return lines;
}

}  // namespace engine
