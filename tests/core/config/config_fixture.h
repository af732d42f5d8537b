#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/config/load.h"
#include "tests/support/catch.h"
#include "tests/support/changed_keys.h"
#include "tests/support/temp_folder.h"

namespace engine::test {

// Loads configurations from files in a folder of their own; messages have `FILE` for its path.
class ConfigFixture {
 public:
  // `KEY=VALUE`, as after --set.
  ConfigFixture& set(const std::string& argument) {
    const size_t equals = argument.find('=');
    sources_.settings.push_back({"--set", argument.substr(0, equals), argument.substr(equals + 1)});
    return *this;
  }
  ConfigFixture& file(std::string_view content) {
    sources_.file = folder_.write("engine.toml", content);
    return *this;
  }
  ConfigFixture& path(const std::filesystem::path& file) {
    sources_.file = file;
    return *this;
  }
  ConfigFixture& variable(const std::string& name, const std::string& value) {
    variables_[name] = value;
    return *this;
  }

  Config load() {
    auto config = attempt();
    if (config) return *config;
    for (const Error& error : config.error()) UNSCOPED_INFO(error.message);
    FAIL("the configuration is refused");
    return {};
  }

  std::vector<std::string> errors() {
    std::vector<std::string> messages;
    auto config = attempt();
    if (config) return messages;
    for (const Error& error : config.error()) {
      std::string message = error.message;
      const std::string name = sources_.file ? sources_.file->string() : "";
      if (!name.empty() && message.starts_with(name)) message.replace(0, name.size(), "FILE");
      messages.push_back(message);
    }
    return messages;
  }
  // The only one.
  std::string error() {
    const auto all = errors();
    for (const auto& message : all) UNSCOPED_INFO(message);
    CHECK(all.size() == 1);
    return all.empty() ? "" : all.front();
  }

  const TempFolder& folder() const { return folder_; }

 private:
  tl::expected<Config, ConfigErrors> attempt() {
    sources_.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto at = variables_.find(name);
      return at == variables_.end() ? std::nullopt : std::optional(at->second);
    };
    return load_config(sources_);
  }

  TempFolder folder_;
  ConfigSources sources_;
  std::map<std::string, std::string> variables_;
};

// The only error of a file, or of one --set.
inline std::string file_error(std::string_view content) {
  return ConfigFixture().file(content).error();
}
inline std::string set_error(const std::string& argument) {
  return ConfigFixture().set(argument).error();
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace engine::test
