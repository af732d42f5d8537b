#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/topics/topic_policy.h"

namespace engine::config {

struct TopicFiles {
  std::vector<std::filesystem::path> files;
  std::vector<std::filesystem::path> folders;  // Every *.toml in them, in order of name.
  std::string topic_namespace;                 // Instead of those that the files give.
};

// All that `from` names, in the order in which the definitions count.
Result<std::vector<std::filesystem::path>> topic_files(const TopicFiles& from);

// Reads the definitions, and adds what is wrong with them to `errors`. The format is described in
// docs/topic-catalogue.md.
std::vector<TopicPolicy> load_topics(const TopicFiles& from, std::vector<Error>& errors);

}  // namespace engine::config
