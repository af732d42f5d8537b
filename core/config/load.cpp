#include "core/config/load.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <map>
#include <sstream>
#include <utility>

#include "core/base/nearest.h"
#include "core/base/utf8.h"
#include "core/config/finish.h"
#include "core/config/reader.h"
#include "core/config/schema.h"
#include "core/config/text_file.h"

namespace engine {
namespace {

using config::Key;
using config::Reader;
using config::Schema;

constexpr size_t kMostErrors = 20;

std::string in_section(const std::string& section, const std::string& name) {
  return section.empty() ? name : section + "." + name;
}

// The key that was meant by an unknown one: nearly so called, or standing in another section.
std::optional<std::string> meant_key(const Schema& schema, const std::string& section,
                                     const std::string& name) {
  if (const auto near = nearest(name, schema.names_in(section))) return in_section(section, *near);
  if (schema.is_section(name)) return name;
  std::vector<std::string> all;
  for (const Key& key : schema.keys) {
    if (key.name.ends_with("." + name)) return key.name;
    all.push_back(key.name);
  }
  return nearest(in_section(section, name), all);
}

std::string unknown_key(const Schema& schema, const std::string& section, const std::string& name) {
  if (section == "mqtt" && name == "password") {
    return "mqtt.password: passwords are not accepted here: put it into a file of its own and name "
           "that in mqtt.password_file, or into the environment variable ENGINE_MQTT_PASSWORD";
  }
  const std::string full = printable(in_section(section, name), 80);
  if (const auto meant = meant_key(schema, section, name)) {
    return fmt::format("unknown key '{}', did you mean '{}'?", full, *meant);
  }
  return fmt::format("unknown key '{}'; {} has {}", full,
                     section.empty() ? "the top level" : "[" + section + "]",
                     fmt::join(schema.names_in(section), " "));
}

class Loader {
 public:
  void read_file(const std::filesystem::path& file) {
    const auto text = read_text_file(file);
    if (!text) return errors_.push_back(text.error());
    try {
      const toml::table table = toml::parse(std::string_view(*text));
      Reader reader(file.string(), file.parent_path(), true);
      refuse_two_addresses(table, reader);
      read_source(table, reader);
    } catch (const toml::parse_error& e) {
      errors_.push_back({fmt::format("{}:{}:{}: {}", file.string(), e.source().begin.line,
                                     e.source().begin.column, e.description())});
    }
  }

  void read_setting(const Setting& setting) {
    std::vector<std::string> path;
    std::istringstream parts(setting.key + ".");
    for (std::string part; std::getline(parts, part, '.');) {
      if (part.empty() || !is_utf8(part)) {
        errors_.push_back(
            {fmt::format("{}: '{}' is not a key", setting.option, printable(setting.key, 80))});
        return;
      }
      path.push_back(std::move(part));
    }
    if (!is_utf8(setting.value)) {
      errors_.push_back({fmt::format("{}: {}: the value is not UTF-8", setting.option,
                                     printable(setting.key, 80))});
      return;
    }
    toml::table table;
    toml::table* innermost = &table;
    for (size_t i = 0; i + 1 < path.size(); ++i) {
      innermost = innermost->insert(path[i], toml::table{}).first->second.as_table();
    }
    insert_value(*innermost, path.back(), setting);
    Reader reader(setting.option, {}, false);
    read_source(table, reader);
  }

  tl::expected<Config, ConfigErrors> finish(const Environment& environment) {
    config::finish(config_, places_, environment, errors_);
    if (errors_.empty()) return std::move(config_);
    if (errors_.size() > kMostErrors) {
      const size_t more = errors_.size() - kMostErrors;
      errors_.resize(kMostErrors);
      errors_.push_back({fmt::format("... and {} more errors", more)});
    }
    return tl::unexpected(std::move(errors_));
  }

 private:
  void read_source(const toml::table& table, Reader& reader) {
    read_table(table, "", reader);
    for (Error& error : reader.take_errors()) errors_.push_back(std::move(error));
  }

  void read_table(const toml::table& table, const std::string& section, Reader& reader) {
    for (const auto& [key_name, value] : table) {
      const std::string name(key_name.str());
      const std::string full = in_section(section, name);
      const bool quoted = name.find('.') != name.npos;  // "mqtt.user" = ... is not mqtt.user.
      const Key* key = quoted ? nullptr : schema_.find(full);
      if (!key && (quoted || !schema_.is_section(full))) {
        reader.refuse(key_name.source(), unknown_key(schema_, section, name));
      } else if (!key && value.is_table()) {
        read_table(*value.as_table(), full, reader);
      } else {
        const Reader::Step step(reader, full);
        read_value(key, value, reader);
      }
    }
  }

  // `key` is nothing where a section should stand.
  void read_value(const Key* key, const toml::node& value, Reader& reader) {
    if (!key || (key->is_free && !value.is_table())) {
      reader.expected(value, fmt::format("a table, [{}]", reader.key()));
      return;
    }
    places_[reader.key()] = reader.where(value.source());
    key->read(value, reader, config_);
  }

  // Anything that is not TOML is text, and so is any bare value of a text key: `site=7`.
  void insert_value(toml::table& into, const std::string& name, const Setting& setting) {
    const Key* key = schema_.find(setting.key);
    try {
      const toml::table parsed = toml::parse("v = " + setting.value);
      const toml::node* value = parsed.get("v");
      if (parsed.size() == 1 && (value->is_string() || !key || !key->is_text)) {
        value->visit([&](const auto& v) { into.insert(name, v); });
        return;
      }
    } catch (const toml::parse_error&) {
    }
    into.insert(name, setting.value);
  }

  void refuse_two_addresses(const toml::table& table, Reader& reader) {
    const auto one = table.at_path("mqtt.address").value_or(std::string_view());
    const toml::array* several = table.at_path("mqtt.addresses").as_array();
    if (one.empty() || !several || several->empty()) return;
    const Reader::Step step(reader, "mqtt.addresses");
    reader.refuse(*several, "give either mqtt.address or mqtt.addresses");
  }

  const Schema& schema_ = config::schema();
  Config config_;
  std::map<std::string, std::string> places_;  // Where each key was set last.
  ConfigErrors errors_;
};

}  // namespace

tl::expected<Config, ConfigErrors> load_config(const ConfigSources& sources) {
  Loader loader;
  if (sources.file) loader.read_file(*sources.file);
  for (const Setting& setting : sources.settings) loader.read_setting(setting);
  return loader.finish(sources.environment);
}

}  // namespace engine
