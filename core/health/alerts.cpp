#include "core/health/alerts.h"

#include <nlohmann/json.hpp>

#include "core/base/iso_time.h"

namespace engine {
namespace {

const char* to_word(Severity severity) {
  static constexpr const char* kWords[] = {"info", "warning", "error", "critical"};
  return kWords[static_cast<int>(severity)];
}

}  // namespace

void Alerts::raise(Severity severity, const std::string& source, const std::string& message) {
  const nlohmann::json alert = {{"time", iso_time(clock_.wall())},
                                {"severity", to_word(severity)},
                                {"source", source},
                                {"message", message}};
  // What is not UTF-8 in a script's error must not lose the rest.
  bus_.publish(
      {.message = {.topic = topic_,
                   .payload = alert.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                   .qos = 1},
       .offline = Offline::queue});
}

}  // namespace engine
