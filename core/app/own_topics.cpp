#include "core/app/own_topics.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/app/link_settings.h"

namespace engine {
namespace {

std::string source_of(const std::string& path) {
  return "script " + std::filesystem::path(path).stem().string();
}

std::string message_of(const Fault& fault, uint64_t more) {
  std::string text = fmt::format("{} (in {})", fault.message, fault.callback);
  if (more > 0) text += fmt::format(", and {} more like it before", more);
  return text;
}

}  // namespace

OwnTopics::OwnTopics(Services& services, ScriptHost& host, const Config& config)
    : services_(services),
      host_(host),
      status_(services.bus, services.logs, status_topic(config), will_tells_status(config)),
      health_(services.health, services.bus, services.timers, config.prefix,
              config.health.interval),
      alerts_(services.bus, services.clock(), config.prefix),
      scenes_(services.stage, services.bus, services.timers, services.kept.scenes, config.prefix) {
  hear_scripts();
  hear_connection();
  hear_store();
}

OwnTopics::~OwnTopics() {
  host_.faults().on_told.disconnect(told_);
  host_.on_report.disconnect(reported_);
  services_.bus.on_connection.disconnect(connected_);
  services_.kept.store->on_trouble = nullptr;
}

void OwnTopics::say_offline() {
  scenes_.look();
  status_.say_offline();
}

void OwnTopics::hear_scripts() {
  told_ = host_.faults().on_told.connect([this](const Fault& fault, uint64_t more) {
    alerts_.raise(Severity::error, source_of(fault.script), message_of(fault, more));
  });
  reported_ = host_.on_report.connect([this](const ScriptReport& report) {
    if (report.event == "set aside") {
      alerts_.raise(Severity::critical, source_of(report.path), report.error);
    } else if (report.event == "failed") {
      alerts_.raise(report.running ? Severity::warning : Severity::error, source_of(report.path),
                    report.error);
    }
  });
}

void OwnTopics::hear_connection() {
  connected_ = services_.bus.on_connection.connect([this](bool up) {
    const SteadyTime now = services_.clock().now();
    if (!up) {
      lost_at_ = now;
      was_lost_ = true;
      alerts_.raise(Severity::error, "mqtt", "the connection to the broker was lost");
    } else if (std::exchange(was_lost_, false)) {
      alerts_.raise(
          Severity::info, "mqtt",
          fmt::format("connected to the broker again, after {:.1f} s", to_seconds(now - lost_at_)));
    }
  });
}

void OwnTopics::hear_store() {
  services_.kept.store->on_trouble = [this](const std::string& trouble) {
    if (trouble.empty()) {
      alerts_.raise(Severity::info, "store", "the store can be written again");
    } else {
      alerts_.raise(Severity::critical, "store", "the store cannot be written: " + trouble);
    }
  };
}

}  // namespace engine
