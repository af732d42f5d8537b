#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace engine {

// How a view may be drawn.
struct Paper {
  bool colours = false;
  size_t columns = 0;  // 0: lines are not cut.
};

// The answers of the web interface (docs/ctl.md) as text for people. What an answer lacks is left
// blank: it may be another version's.
std::string status_view(const nlohmann::json& answer);
std::string scenes_view(const nlohmann::json& answer, const Paper& paper);
std::string scripts_view(const nlohmann::json& answer, const Paper& paper);
std::string devices_view(const nlohmann::json& answer, const Paper& paper);
std::string topics_view(const nlohmann::json& answer, const Paper& paper);
std::string faults_view(const nlohmann::json& answer, const Paper& paper);
std::string broker_view(const nlohmann::json& answer, const Paper& paper);
// Which scenes have been performed, and the performances of one step by step.
std::string traces_view(const nlohmann::json& answer, const Paper& paper);
std::string trace_view(const nlohmann::json& answer, const Paper& paper);

}  // namespace engine
