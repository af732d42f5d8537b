#pragma once

#include <string>

#include "bindings/host/script_host.h"
#include "bindings/host/services.h"
#include "core/config/config.h"
#include "core/health/alerts.h"
#include "core/health/health_topic.h"
#include "core/health/scene_states.h"
#include "core/health/status_topic.h"

namespace engine {

// What the engine says of itself over MQTT, but for the reports on scripts: docs/topics.md. Also
// adds to the health report what scripts, scenes and devices have for it.
class OwnTopics {
 public:
  OwnTopics(Services& services, ScriptHost& host, const Config& config);
  ~OwnTopics();
  OwnTopics(const OwnTopics&) = delete;
  OwnTopics& operator=(const OwnTopics&) = delete;

  // Before an orderly end, once the last cues are sent.
  void say_offline();

 private:
  void hear_scripts();
  void hear_connection();
  void hear_store();

  Services& services_;
  ScriptHost& host_;
  StatusTopic status_;
  HealthTopic health_;
  Alerts alerts_;
  SceneStates scenes_;
  Handle told_, reported_, connected_;
  bool was_lost_ = false;
  SteadyTime lost_at_{};
};

}  // namespace engine
