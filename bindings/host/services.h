#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "core/base/clock.h"
#include "core/base/logging.h"
#include "core/base/timers.h"
#include "core/bus/bus.h"
#include "core/devices/device_registry.h"
#include "core/drivers/media/media.h"
#include "core/feedback/feedback_tracker.h"
#include "core/health/health.h"
#include "core/stage/stage.h"
#include "core/store/site_store.h"

namespace engine {

// What scripts can reach of the runtime; all of it outlives the script host.
struct Services {
  Timers& timers;
  Bus& bus;
  DeviceRegistry& devices;
  FeedbackTracker& feedback;
  Media& media;
  Stage& stage;
  Logs& logs;
  // What the global `config` of a script holds: {site, simulate, values}.
  nlohmann::json config;
  SiteStore& kept;
  Health& health;

  const Clock& clock() const { return timers.clock(); }
};

}  // namespace engine
