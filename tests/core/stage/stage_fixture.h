#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/devices/message_router.h"
#include "core/stage/stage.h"
#include "tests/support/captured_logs.h"
#include "tests/support/catch.h"
#include "tests/support/fake_link.h"
#include "tests/support/fake_media.h"

namespace engine::test {

// A scene that notes what the Stage tells it.
class FakeScene final : public SceneControl {
 public:
  Result<void> go() override { return noted("go"); }
  Result<void> stop(bool now) override {
    noted(now ? "stop now" : "stop");
    return on_stop ? on_stop() : Result<void>{};
  }
  Result<void> pause() override { return noted("pause"); }
  Result<void> resume() override { return noted("resume"); }
  Result<void> jump(const std::string& cue) override { return noted("jump " + cue); }
  Result<void> seek(double) override { return noted("seek"); }
  SceneStatus status() override {
    if (on_status) on_status();
    SceneStatus status;
    status.position = 1.5;
    return status;
  }
  void settled(uint64_t token, CueResult result, const FeedbackEvent&) override {
    static constexpr const char* kNames[] = {"confirmed", "error", "timeout", "abandoned"};
    noted(std::to_string(token) + " " + kNames[static_cast<int>(result)]);
    if (on_settled) on_settled();
  }

  std::string log;
  std::function<Result<void>()> on_stop;
  std::function<void()> on_settled;
  std::function<void()> on_status;

 private:
  Result<void> noted(const std::string& what) {
    log += what + ";";
    return {};
  }
};

// A stage with all that belongs to it, and a broker connection that is up.
struct StageFixture {
  VirtualClock clock;
  Timers timers{clock};
  CapturedLogs logs;
  FakeLink link;
  Bus bus{timers};
  DeviceRegistry devices{timers, DeviceOptions{}, logs};
  FeedbackTracker feedback{timers, FeedbackRules{}, logs};
  MessageRouter router{bus, devices, feedback, logs};
  FakeMedia media;
  Stage stage{timers, bus, feedback, media, logs};
  std::vector<PerformanceReport> ended;
  std::vector<Message> outgoing;
  using Lines = std::vector<std::string>;

  StageFixture() {
    bus.attach(&link);
    bus.on_outgoing = [this](const Message& message) { outgoing.push_back(message); };
    stage.on_end.connect([this](const PerformanceReport& report) { ended.push_back(report); });
  }

  SceneId add(const std::string& name, const std::string& room = "room1",
              const std::string& script = "room1.lua", std::shared_ptr<FakeScene> scene = {}) {
    if (!scene) scene = std::make_shared<FakeScene>();
    const auto id = stage.add({.name = name, .room = room, .script = script}, scene);
    REQUIRE(id);
    return *id;
  }
  PerformanceId begin(SceneId id, std::vector<Cue> safety = {}) {
    const auto begun = stage.begin(id, std::move(safety));
    REQUIRE(begun);
    return *begun;
  }
  FakeScene& control(SceneId id) { return *dynamic_cast<FakeScene*>(stage.control(id)); }

  void answer(const std::string& topic, const std::string& payload,
              const std::string& correlation = {}) {
    bus.deliver({.topic = topic, .payload = payload, .correlation_data = correlation});
  }
  void tick(Duration by) { advance(clock, timers, by); }
  Lines scene_lines() const { return lines_of("scene"); }
  Lines lines_of(const std::string& logger) const {
    Lines result;
    for (const std::string& line : logs.lines()) {
      if (line.find("] " + logger + " - ") != line.npos) result.push_back(line);
    }
    return result;
  }
};

}  // namespace engine::test
