#pragma once

#include <string>

#include "core/base/result.h"
#include "core/config/kinds.h"
#include "core/feedback/feedback_rules.h"

// What values must be beyond their type. Only the sources in this folder include this header.
namespace engine::config {

// Part of topics, client ids and file names: 1 to 64 letters, digits, `_`, `-`, `.`.
Result<std::string> check_site(std::string site);
// Empty, or a broker's address in its normal form.
Result<std::string> check_address(std::string address);
Result<std::string> check_listed_address(std::string address);
// Empty, or a topic name.
Result<std::string> check_topic(std::string topic);
// Empty, or levels that topics begin with.
Result<std::string> check_namespace(std::string name);
// A topic filter with exactly one wildcard, a `+`.
Result<std::string> check_status_filter(std::string filter);
Result<std::string> check_level_name(std::string level);
Result<std::string> check_not_empty(std::string text);
// `auto`, `null` or what mpv calls an output driver.
Result<std::string> check_output(std::string output);
// Empty, or an IP address and a port.
Result<std::string> check_listen(std::string address);

// { command = "room*/#", feedback = ["{1}/status"] }
Kind<FeedbackRule> feedback_rule();

}  // namespace engine::config
