#pragma once

#include <toml++/toml.h>

#include <functional>
#include <string>
#include <vector>

#include "core/config/config.h"
#include "core/config/kinds.h"
#include "core/config/reader.h"

// What can be configured: the one source for reading, for messages, and for the annotated file.
// Only the sources in this folder include this header.
namespace engine::config {

struct Key {
  std::string name;  // `mqtt.keepalive`; for a free table, also the name of its section.
  std::string doc;   // One or more lines.
  bool is_text;      // On the command line such a value needs no quotes.
  bool live;         // A running engine follows it; else it takes effect at the next start.
  bool is_free;      // A table whose keys are the user's own.
  std::function<void(const toml::node&, Reader&, Config&)> read;
  std::function<std::string(const Config&)> write;  // As TOML.
};

struct SectionDoc {
  std::string name;  // `mqtt`; empty for the top of the file.
  std::string doc;
};

struct Schema {
  std::vector<Key> keys;  // Those of a section stand together, in the order of the annotated file.
  std::vector<SectionDoc> sections;

  const Key* find(std::string_view name) const;
  bool is_section(std::string_view name) const;
  // The last parts of the names directly under a section.
  std::vector<std::string> names_in(const std::string& section) const;
};

// All that a configuration can say; made once.
const Schema& schema();

// The loggers that have a level of their own.
const std::vector<std::string>& logger_names();

}  // namespace engine::config
