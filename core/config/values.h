#pragma once

#include <toml++/toml.h>

#include <nlohmann/json.hpp>
#include <string>

namespace engine::config {

// TOML as JSON; dates and times become text in TOML's (RFC 3339) form.
nlohmann::json to_json(const toml::node& value);

// In one line: `{ fog_seconds = 4.5 }`.
std::string to_toml(const nlohmann::json& value);

}  // namespace engine::config
