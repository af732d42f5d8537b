#pragma once

#include <string>
#include <vector>

#include "core/config/kinds.h"
#include "core/mqtt/broker_settings.h"

// The parts of [broker] that are more than a value. Only the sources in this folder include this
// header.
namespace engine::config {

// { name = "esp32_01", password_file = "esp32_01.password", read = ["a/#"], write = ["a/b"] }
Kind<BrokerUser> broker_user();
// A topic filter that can stand in Mosquitto's access rules; with %u and %c.
Result<std::string> check_pattern(std::string filter);
// An IP address.
Result<std::string> check_ip(std::string address);

struct Problem {
  std::string key;
  std::string text;
};
// Reads the users' password files. What is wrong with the section as a whole.
std::vector<Problem> finish_broker(BrokerSettings& settings);

}  // namespace engine::config
