#include "bindings/host/script_reports.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/bus/topic.h"

namespace engine {
namespace {

nlohmann::json to_json(const ScriptReport& report, const std::string& name, WallTime now) {
  nlohmann::json dropped = nlohmann::json::array();
  for (const ScriptReport::Dropped& one : report.dropped) {
    dropped.push_back({{"what", one.what}, {"why", one.why}});
  }
  const auto seconds = std::chrono::system_clock::to_time_t(now);
  nlohmann::json error;
  if (!report.error.empty()) error = report.error;
  return {{"script", name},
          {"path", report.path},
          {"event", report.event},
          {"running", report.running},
          {"time", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds))},
          {"error", error},
          {"taken_over", report.taken_over},
          {"dropped", dropped}};
}

}  // namespace

ScriptReports::ScriptReports(Services& services, ScriptHost& host, std::string prefix)
    : services_(services), host_(host), prefix_(std::move(prefix) + "/scripts/") {
  reported_ = host_.on_report.connect([this](const ScriptReport& report) { take(report); });
  connected_ = services_.bus.on_connection.connect([this](bool up) {
    if (up) publish_all();
  });
}

ScriptReports::~ScriptReports() {
  host_.on_report.disconnect(reported_);
  services_.bus.on_connection.disconnect(connected_);
}

std::string ScriptReports::topic_of(const std::string& path) {
  const auto known = topics_.find(path);
  if (known != topics_.end()) return known->second;
  const std::filesystem::path file = std::filesystem::absolute(path);
  std::string name = topic::as_level(file.stem().string());
  if (payloads_.count(prefix_ + name)) {
    name = topic::as_level(file.parent_path().filename().string()) + "." + name;
  }
  for (int number = 2; payloads_.count(prefix_ + name); ++number) {
    name = fmt::format("{}.{}", topic::as_level(file.stem().string()), number);
  }
  return topics_[path] = prefix_ + name;
}

void ScriptReports::take(const ScriptReport& report) {
  const std::string topic = topic_of(report.path);
  // What is not UTF-8 in a path or an error must not lose the rest.
  payloads_[topic] = to_json(report, topic.substr(prefix_.size()), services_.clock().wall())
                         .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (services_.bus.connected()) publish(topic, payloads_[topic]);
}

void ScriptReports::publish_all() {
  KeyValue& published = services_.kept.reports;
  for (const std::string& topic : published.keys()) {
    if (payloads_.count(topic)) continue;
    publish(topic, "");
    published.erase(topic);
  }
  for (const auto& [topic, payload] : payloads_) publish(topic, payload);
}

void ScriptReports::publish(const std::string& topic, const std::string& payload) {
  (void)services_.kept.reports.set(topic, "1");
  services_.bus.publish(
      {.message = {.topic = topic, .payload = payload, .qos = 1, .retain = true}});
}

}  // namespace engine
