#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/topics/topic_policy.h"

namespace engine {

const char* to_word(Offline offline);
const char* to_word(TopicPriority priority);

// The catalogue as documentation: Markdown with a table for each file, in the order that counts.
std::string topics_markdown(const std::vector<TopicPolicy>& policies);

// A list with an object for each definition, all fields present: null where there is no limit.
nlohmann::ordered_json topics_json(const std::vector<TopicPolicy>& policies);

}  // namespace engine
