#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.h"
#include "core/mqtt/broker_settings.h"

namespace engine {

// Makes the file with the (hashed) passwords of our own Mosquitto, by its own mosquitto_passwd. A
// user without a password file gets a generated one, kept in `<folder>/passwords/<name>` for its
// owner's eyes only. Returns the engine's own password, which is another at every start and stands
// nowhere. Blocks for some 20 ms per user.
Result<std::string> write_passwords(const BrokerSettings& settings,
                                    const std::filesystem::path& folder,
                                    const std::filesystem::path& file);

// 24 letters and digits.
std::string random_password();

}  // namespace engine
