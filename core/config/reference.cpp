#include <fmt/format.h>

#include <algorithm>
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

constexpr const char* kNextStart = "At the next start.";

// Where a section has none that a running engine follows, it says so once for all.
bool has_live_keys(const Schema& schema, const std::string& section) {
  return std::any_of(schema.keys.begin(), schema.keys.end(), [&](const Key& key) {
    return key.live && (key.is_free ? key.name : section_of(key)) == section;
  });
}

void append_key(std::string& out, const Key& key, const Config& defaults, bool say_next_start) {
  if (!key.doc.empty()) {
    out += '\n';
    append_lines(out, "# ", key.doc);
    if (say_next_start && !key.live) append_lines(out, "# ", kNextStart);
  }
  const std::string name = key.name.substr(key.name.rfind('.') + 1);
  append_lines(out, "#", fmt::format("{} = {}", name, key.write(defaults)));
}

}  // namespace

std::string config_reference() {
  const Schema& schema = config::schema();
  const Config defaults;
  std::string out;
  for (const SectionDoc& section : schema.sections) {
    if (!section.name.empty()) out += fmt::format("\n[{}]\n", section.name);
    append_lines(out, "# ", section.doc);
    const bool mixed = section.name.empty() || has_live_keys(schema, section.name);
    if (!mixed) append_lines(out, "# ", kNextStart);
    for (const Key& key : schema.keys) {
      if (!key.is_free && section_of(key) == section.name) append_key(out, key, defaults, mixed);
    }
  }
  return out;
}

}  // namespace engine
