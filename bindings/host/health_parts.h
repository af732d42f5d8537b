#pragma once

#include <cstdint>
#include <functional>

#include "bindings/host/script_host.h"
#include "core/mqtt/mqtt_link.h"
#include "core/topics/topic_policies.h"

namespace engine {

// What scripts, scenes, devices, topics and the link have to say in the health report; counted
// since the start. The fields are those of docs/topics.md.
class HealthParts {
 public:
  HealthParts(
      Services& services, ScriptHost& host, const TopicPolicies& topics,
      std::function<LinkStats()> link = [] { return LinkStats{}; });
  ~HealthParts();
  HealthParts(const HealthParts&) = delete;
  HealthParts& operator=(const HealthParts&) = delete;

 private:
  void add_to(nlohmann::json& report) const;

  Services& services_;
  ScriptHost& host_;
  const TopicPolicies& topics_;
  const std::function<LinkStats()> link_;
  Handle fault_, ended_, report_;
  uint64_t faults_ = 0;
  uint64_t failed_ = 0;
  uint64_t timed_out_ = 0;
};

}  // namespace engine
