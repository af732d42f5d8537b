#include "core/app/commands/rehearsal_options.h"

#include "core/app/script_config.h"
#include "core/app/script_options.h"

namespace engine {

Rehearsal::Options rehearsal_options(const Config& config) {
  Rehearsal::Options options;
  options.scripts = script_options(config);
  options.feedback = config.feedback;
  options.devices = config.devices;
  options.topics = config.topics.policies;
  options.most_decompressed = static_cast<size_t>(config.topics.max_decompressed);
  options.config = script_config(config);
  return options;
}

}  // namespace engine
