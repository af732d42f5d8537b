#include "bindings/host/health_parts.h"

#include <algorithm>
#include <utility>

#include "core/mqtt/link_report.h"

namespace engine {

HealthParts::HealthParts(Services& services, ScriptHost& host, const TopicPolicies& topics,
                         std::function<LinkStats()> link)
    : services_(services), host_(host), topics_(topics), link_(std::move(link)) {
  fault_ = host_.on_fault.connect([this](const Fault&) { ++faults_; });
  ended_ = services_.stage.on_end.connect([this](const PerformanceReport& report) {
    failed_ += static_cast<uint64_t>(report.failed);
    timed_out_ += static_cast<uint64_t>(report.timed_out);
  });
  report_ = services_.health.on_report.connect([this](nlohmann::json& report) { add_to(report); });
}

HealthParts::~HealthParts() {
  host_.on_fault.disconnect(fault_);
  services_.stage.on_end.disconnect(ended_);
  services_.health.on_report.disconnect(report_);
}

void HealthParts::add_to(nlohmann::json& report) const {
  const auto scripts = host_.list();
  const auto devices = services_.devices.all();
  nlohmann::json& errors = report["errors"];
  errors["faults"] = faults_;
  errors["scripts_set_aside"] =
      std::count_if(scripts.begin(), scripts.end(), [](const ScriptHost::Listed& script) {
        return script.state == ScriptHost::State::set_aside;
      });
  errors["confirmations_failed"] = failed_;
  errors["confirmations_timed_out"] = timed_out_;
  const TopicCounters topics = topics_.totals();
  errors["rate_limited"] = topics.rate_limited;
  errors["too_large"] = topics.too_large;
  nlohmann::json& mqtt = report["mqtt"];
  mqtt = to_json(link_());
  mqtt["connected"] = services_.bus.connected();
  nlohmann::json& engine = report["engine"];
  engine["scripts"] = scripts.size();
  engine["scene_running"] = services_.stage.any_running();
  engine["devices_online"] = std::count_if(devices.begin(), devices.end(), [](const auto& device) {
    return device.presence == Presence::online;
  });
}

}  // namespace engine
