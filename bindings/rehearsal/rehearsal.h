#pragma once

#include <string>

#include "bindings/host/script_host.h"
#include "core/base/clock.h"
#include "core/base/logging.h"
#include "core/devices/message_router.h"
#include "core/drivers/media/virtual_media.h"

namespace engine {

// What scripts run in without a show: the whole runtime with no broker, no hardware and no
// threads, in virtual time, so that two runs are the same.
class Rehearsal {
 public:
  struct Options {
    ScriptOptions scripts = {};
    FeedbackRules feedback = {};
    DeviceOptions devices = {};
    WallTime wall_start{std::chrono::seconds{1'700'000'000}};
    nlohmann::json config = {
        {"site", "rehearsal"}, {"simulate", false}, {"values", nlohmann::json::object()}};
  };
  Rehearsal(Logs& logs, Options options);

  // Lets time pass: everything that is due on the way happens at its time.
  void advance(Duration by) { engine::advance(clock, timers, by); }

  VirtualClock clock;
  Timers timers{clock};
  Bus bus{timers};
  DeviceRegistry devices;
  FeedbackTracker feedback;
  MessageRouter router;
  VirtualMedia media;
  Stage stage;
  Services services;
  ScriptHost host;
};

}  // namespace engine
