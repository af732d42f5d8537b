#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/base/signal.h"
#include "core/base/timers.h"
#include "core/health/system_readings.h"

namespace engine {

// How the machine and the engine are: one report for `<prefix>/health`, `system.health()` and
// whoever else asks. Its fields are those of docs/topics.md. Engine thread only.
class Health {
 public:
  // The references must outlive it.
  Health(SystemReadings& readings, Timers& timers, std::string version);

  // Emitted with each report, for the parts of the engine to add what they have: to its objects
  // "errors", "mqtt" and "engine".
  Signal<nlohmann::json&> on_report;

  nlohmann::json report();

 private:
  SystemReadings& readings_;
  const Clock& clock_;
  const std::string version_;
  const SteadyTime started_;
};

}  // namespace engine
