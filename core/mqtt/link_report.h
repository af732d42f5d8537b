#pragma once

#include <nlohmann/json.hpp>

#include "core/mqtt/mqtt_link.h"

namespace engine {

// As docs/ctl.md, docs/topics.md and docs/broker.md have it.
inline nlohmann::json to_json(const LinkStats& stats) {
  return {{"sent", stats.sent},
          {"received", stats.received},
          {"dropped", stats.dropped},
          {"displaced", stats.displaced},
          {"expired", stats.expired},
          {"outdated", stats.outdated},
          {"reconnects", stats.reconnects},
          {"queued", stats.queued},
          {"kept", stats.kept},
          {"kept_bytes", stats.kept_bytes},
          {"in_flight", stats.in_flight}};
}

}  // namespace engine
