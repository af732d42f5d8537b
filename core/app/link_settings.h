#pragma once

#include "core/config/config.h"
#include "core/mqtt/link_options.h"
#include "core/mqtt/managed_broker.h"

namespace engine {

// What the configuration says of the broker connection, for the link; or how the broker is reached
// that we run ourselves, if there is one. Without a will of the user's, it is that the engine is
// gone: `offline` on <prefix>/status.
LinkOptions link_options(const Config& config, const std::optional<BrokerAccess>& own_broker);

// Where the engine says whether it is there.
std::string status_topic(const Config& config);
// Whether the last will of the connection speaks on that topic.
bool will_tells_status(const Config& config);

}  // namespace engine
