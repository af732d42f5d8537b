#pragma once

#include "core/config/config.h"
#include "core/mqtt/link_options.h"

namespace engine {

// What the configuration says of the broker connection, for the link. `own_broker` is the address
// of the broker we run ourselves; empty: the configured addresses.
LinkOptions link_options(const Config& config, const std::string& own_broker);

}  // namespace engine
