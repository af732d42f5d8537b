#pragma once

#include "bindings/host/script_host.h"
#include "core/config/config.h"

namespace engine {

// What the configuration says about scripts.
ScriptOptions script_options(const Config& config);
FaultLimit fault_limit(const Config& config);

}  // namespace engine
