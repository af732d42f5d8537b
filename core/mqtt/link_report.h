#pragma once

#include <nlohmann/json.hpp>

#include "core/mqtt/mqtt_link.h"

namespace engine {

// As docs/topics.md and docs/broker.md have it.
inline nlohmann::json to_json(const LinkStats& stats) {
  return {{"sent", stats.sent},       {"received", stats.received},
          {"dropped", stats.dropped}, {"reconnects", stats.reconnects},
          {"queued", stats.queued},   {"in_flight", stats.in_flight}};
}

}  // namespace engine
