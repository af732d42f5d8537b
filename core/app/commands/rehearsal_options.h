#pragma once

#include "bindings/rehearsal/rehearsal.h"
#include "core/config/config.h"

namespace engine {

// What a configuration says of scripts, for the commands that run them without a show.
Rehearsal::Options rehearsal_options(const Config& config);

}  // namespace engine
