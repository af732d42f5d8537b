#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/drivers/media/media.h"

namespace engine::test {

// A player that only notes what it is asked, and has no file that begins with "missing".
class FakeMedia final : public Media {
 public:
  Result<void> command(const std::string& topic, const std::string& payload) override {
    if (on_command) on_command();
    if (payload.starts_with("missing")) return fail("no file '" + payload + "'");
    commands.push_back(topic + "=" + payload);
    active.insert(topic);
    return {};
  }
  bool playing(const std::string& topic) const override { return active.count(topic) > 0; }

  void finish(const std::string& topic, const std::string& file) {
    active.erase(topic);
    on_end.emit({topic, file, MediaEnd::Reason::finished});
  }

  std::vector<std::string> commands;
  std::set<std::string> active;
  std::function<void()> on_command;
};

}  // namespace engine::test
