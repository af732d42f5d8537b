#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "core/health/system_readings.h"
#include "tests/core/stage/stage_fixture.h"

namespace engine::test {

// A stage and a link, and what is published on topics of the engine's own.
struct HealthFixture : StageFixture {
  FixedReadings readings{clock};

  ~HealthFixture() { bus.attach(nullptr); }

  void connection(bool up) {
    link.up = up;
    bus.connection_changed(up);
  }
  // What has been published on a topic since it was asked last.
  std::vector<Message> taken(const std::string& topic) {
    std::vector<Message> found;
    for (const Message& message : outgoing) {
      if (message.topic == topic) found.push_back(message);
    }
    std::erase_if(outgoing, [&](const Message& message) { return message.topic == topic; });
    return found;
  }
  nlohmann::json last(const std::string& topic) {
    const auto found = taken(topic);
    REQUIRE_FALSE(found.empty());
    return nlohmann::json::parse(found.back().payload);
  }
};

}  // namespace engine::test
