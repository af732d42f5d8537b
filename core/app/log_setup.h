#pragma once

#include <memory>
#include <vector>

#include "core/base/logging.h"
#include "core/base/result.h"
#include "core/config/config.h"

namespace engine {

// The program's logs: to `sinks`, and to the rotating file of [log] if there is one, from a thread
// of their own. Fails when the file cannot be written.
Result<std::unique_ptr<Logs>> make_logs(const Config::Log& config,
                                        std::vector<spdlog::sink_ptr> sinks);

// Levels alone: for a configuration that changes while the program runs.
void set_levels(Logs& logs, const Config::Log& config);

}  // namespace engine
