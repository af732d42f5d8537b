#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/devices/device_registry.h"
#include "core/stage/trace.h"

// How things read in the API's answers, see docs/ctl.md.
namespace engine::web {

nlohmann::json to_json(const Stage::Listed& scene);
nlohmann::json to_json(const Device& device);
nlohmann::json to_json(const PerformanceReport& report);
nlohmann::json to_json(const PerformanceTrace& trace);

// "finished", "stopped", "failed"
const char* to_word(EndReason reason);
// To the millisecond: what clocks add beyond that is noise to a reader.
double rounded(double seconds);

}  // namespace engine::web
