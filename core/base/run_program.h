#pragma once

#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace engine {

// Runs a small tool to its end, for at most `patience`, and returns what it has written. `input` is
// what it reads (at most 64 kB): the place for secrets, which every user of the machine could read
// in its arguments. Fails when it is not installed, ends with another status than 0 or takes
// longer; the message has its name and its last line. Blocks: for the start of the engine.
Result<std::string> run_program(const std::vector<std::string>& command,
                                const std::string& input = {},
                                Duration patience = std::chrono::seconds{10});

}  // namespace engine
