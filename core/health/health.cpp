#include "core/health/health.h"

#include <cmath>

namespace engine {
namespace {

using nlohmann::json;

double rounded(double value, double digits) {
  return std::isfinite(value) ? std::round(value * digits) / digits : 0;
}

template <typename T>
void put(json& to, const char* name, const std::optional<T>& value) {
  if (value) to[name] = *value;
}

// What is measured is not known to more than two digits.
void put(json& to, const char* name, const std::optional<double>& value) {
  if (value) to[name] = rounded(*value, 100);
}

void put(json& to, const char* name, const std::string& text) {
  if (!text.empty()) to[name] = text;
}

double unix_seconds(WallTime time) {
  return rounded(std::chrono::duration<double>(time.time_since_epoch()).count(), 1000);
}

json machine(const SystemReading& reading) {
  json report = {{"timestamp", unix_seconds(reading.time)}};
  put(report, "hostname", reading.hostname);
  put(report, "hwid", reading.hwid);
  put(report, "ip", reading.ip);
  put(report, "mac", reading.mac);
  put(report, "wifi_rssi", reading.wifi_rssi);
  put(report, "battery_level", reading.battery_level);
  put(report, "cpu_usage", reading.cpu_usage);
  put(report, "cpu_temp", reading.cpu_temp);
  put(report, "memory_usage", reading.memory_usage);
  put(report, "memory_available", reading.memory_available);
  put(report, "disk", reading.disk);
  put(report, "disk_free", reading.disk_free);
  put(report, "log_size", reading.log_size);
  put(report, "uptime", reading.uptime);
  if (reading.load) report["load"] = *reading.load;
  return report;
}

}  // namespace

Health::Health(SystemReadings& readings, Timers& timers, std::string version)
    : readings_(readings),
      clock_(timers.clock()),
      version_(std::move(version)),
      started_(clock_.now()) {}

json Health::report() {
  const SystemReading reading = readings_.latest();
  json report = machine(reading);
  report["version"] = version_;
  json& engine = report["engine"];
  engine["uptime"] = rounded(to_seconds(clock_.now() - started_), 1000);
  put(engine, "cpu_usage", reading.process_cpu);
  put(engine, "memory", reading.process_memory);
  report["errors"] = json::object();
  on_report.emit(report);
  return report;
}

}  // namespace engine
