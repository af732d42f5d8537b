#pragma once

#include <functional>
#include <string>
#include <utility>

#include "core/config/kinds.h"
#include "core/config/schema.h"

namespace engine::config {

// Adds the keys of one section of the file, which are the members of one struct of Config.
template <typename S>
class Section {
 public:
  using Get = S& (*)(Config&);

  Section(Schema& schema, std::string name, Get get, std::string doc)
      : schema_(schema), prefix_(name.empty() ? "" : name + "."), get_(get) {
    schema_.sections.push_back({std::move(name), std::move(doc)});
  }

  // Whether keys from here on take effect while the engine runs.
  void live(bool on = true) { live_ = on; }

  template <typename T>
  void key(const std::string& name, T S::*member, const Kind<T>& kind, std::string doc) {
    const auto get = get_;
    computed<T>(
        name, kind, [get, member](Config& config) { return get(config).*member; },
        [get, member](Config& config, T value) { get(config).*member = std::move(value); },
        std::move(doc));
  }

  // A key that is not simply one member.
  template <typename T>
  void computed(const std::string& name, const Kind<T>& kind, std::function<T(Config&)> get,
                std::function<void(Config&, T)> set, std::string doc) {
    const auto read = [kind, set](const toml::node& value, Reader& reader, Config& config) {
      if (auto result = kind.read(value, reader)) set(config, std::move(*result));
    };
    const auto write = [kind, get](const Config& config) {
      return kind.write(get(const_cast<Config&>(config)));  // Only reads.
    };
    schema_.keys.push_back(
        {prefix_ + name, std::move(doc), kind.is_text, live_, false, read, write});
  }

 private:
  Schema& schema_;
  const std::string prefix_;
  const Get get_;
  bool live_ = false;
};

}  // namespace engine::config
