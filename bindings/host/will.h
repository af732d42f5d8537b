#pragma once

#include <string>

#include "bindings/host/registrations.h"
#include "core/bus/bus.h"

namespace engine {

// What is published when the script ends, however it does: when its file is deleted, it is set
// aside, its VM is given up, or the engine stops. A next version that has a will for the same topic
// takes it over.
class Will final : public Registration {
 public:
  Will(Bus& bus, Publication publication);
  ~Will() override;

  void activate(Registration* former) override;
  std::string key() const override { return key_of(publication_.message.topic); }
  static std::string key_of(const std::string& topic) { return "mqtt.will " + topic; }

  void change(Publication publication);
  void withdraw() { wanted_ = false; }

 private:
  Bus& bus_;
  Publication publication_;
  bool wanted_ = true;
  bool ours_ = false;  // Not before the script runs, and no longer when the next version does.
};

}  // namespace engine
