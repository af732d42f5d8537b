#pragma once

#include <toml++/toml.h>

#include <nlohmann/json.hpp>

namespace engine::config {

// TOML as JSON; dates and times become text in TOML's (RFC 3339) form.
nlohmann::json to_json(const toml::node& value);

}  // namespace engine::config
