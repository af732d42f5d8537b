#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bindings/host/health_parts.h"
#include "bindings/host/recovery.h"
#include "bindings/host/script_host.h"
#include "core/base/clock.h"
#include "core/base/logging.h"
#include "core/devices/message_router.h"
#include "core/drivers/media/virtual_media.h"
#include "core/health/system_readings.h"
#include "core/topics/topic_policies.h"

namespace engine {

// What scripts run in without a show: the whole runtime with no broker, no hardware and no
// threads, in virtual time, so that two runs are the same.
class Rehearsal {
 public:
  struct Options {
    ScriptOptions scripts = {};
    FeedbackRules feedback = {};
    DeviceOptions devices = {};
    FaultLimit fault_limit = {};
    std::vector<TopicPolicy> topics = {};
    size_t most_decompressed = 0;
    nlohmann::json config = {
        {"site", "rehearsal"}, {"simulate", false}, {"values", nlohmann::json::object()}};
    // What outlives it; empty: nothing does.
    std::filesystem::path store = {};
    WallTime start = VirtualClock().wall();
  };
  // Throws when the store is one of a newer version.
  Rehearsal(Logs& logs, Options options);

  // Lets time pass: everything that is due on the way happens at its time.
  void advance(Duration by) { engine::advance(clock, timers, by); }

  VirtualClock clock;
  Timers timers{clock};
  TopicPolicies topics;
  Bus bus{timers};
  DeviceRegistry devices;
  FeedbackTracker feedback;
  MessageRouter router;
  VirtualMedia media;
  Stage stage;
  SiteStore kept;
  FixedReadings readings{clock};
  Health health{readings, timers, "rehearsal"};
  Services services;
  ScriptHost host;
  HealthParts health_parts{services, host, topics};
  Recovery recovery;
};

}  // namespace engine
