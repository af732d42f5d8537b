#include "bindings/rehearsal/test_world.h"

#include <filesystem>
#include <utility>

namespace engine {

TestWorld::TestWorld(Logs& logs, Rehearsal::Options options, std::string folder)
    : rehearsal(logs, std::move(options)), folder_(std::move(folder)) {
  rehearsal.bus.on_outgoing = [this](const Message& message) {
    sent.push_back({now(), message.topic, message.payload, message.qos, message.retain});
  };
  rehearsal.media.on_command = [this](const std::string& topic, const std::string& payload) {
    sent.push_back({now(), topic, payload});
  };
  listening_ =
      rehearsal.host.on_fault.connect([this](const Fault& fault) { faults.push_back(fault); });
}

TestWorld::~TestWorld() { rehearsal.host.on_fault.disconnect(listening_); }

Result<void> TestWorld::load(const std::string& file) {
  return rehearsal.host.add((std::filesystem::path(folder_) / file).string());
}

bool TestWorld::step(double seconds) {
  const SteadyTime till{from_seconds(seconds)};
  const auto next = rehearsal.timers.next();
  const bool due = next && *next <= till;
  const SteadyTime target = due ? *next : till;
  rehearsal.advance(std::max(target - rehearsal.clock.now(), Duration::zero()));
  return due;
}

}  // namespace engine
