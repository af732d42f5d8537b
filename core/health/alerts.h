#pragma once

#include <cstdint>
#include <string>

#include "core/bus/bus.h"

namespace engine {

enum class Severity { info, warning, error, critical };

// Tells of what goes wrong in the engine, on `<prefix>/alerts`: {time, severity, source, message},
// QoS 1, not retained; what happens while the broker is away is told when it is back. The fields
// are those of docs/topics.md. Engine thread only.
class Alerts {
 public:
  Alerts(Bus& bus, const Clock& clock, const std::string& prefix)
      : bus_(bus), clock_(clock), topic_(prefix + "/alerts") {}

  // `source` is what it is about: "script ghost", "mqtt", "store".
  void raise(Severity severity, const std::string& source, const std::string& message);

 private:
  Bus& bus_;
  const Clock& clock_;
  const std::string topic_;
};

}  // namespace engine
