#include "core/app/commands/rehearsal_options.h"

#include "core/app/library_folder.h"
#include "core/app/script_config.h"

namespace engine {

Rehearsal::Options rehearsal_options(const Config& config) {
  Rehearsal::Options options;
  options.scripts.memory_cap_bytes = static_cast<size_t>(config.scripts.memory_mb) * 1024 * 1024;
  options.scripts.budget = config.scripts.hard_budget;
  for (const auto& folder : config.scripts.folders) {
    options.scripts.library_folders.push_back(folder.string());
  }
  options.scripts.library_folders.push_back(library_folder().string());
  options.feedback = config.feedback;
  options.devices = config.devices;
  options.topics = config.topics.policies;
  options.most_decompressed = static_cast<size_t>(config.topics.max_decompressed);
  options.config = script_config(config);
  return options;
}

}  // namespace engine
