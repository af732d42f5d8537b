#pragma once

#include <string>

#include "bindings/lua/lua.h"
#include "bindings/rehearsal/rehearsal.h"
#include "tests/fuzz/fuzzer.h"
#include "tests/support/temp_folder.h"

namespace engine::fuzz {

// Scripts in a rehearsal, where every fault is a finding, and every error of Lua's own that a
// script has caught and told. The lines they run count as coverage, so that libFuzzer finds its way
// into Lua too.
class ScriptWorld {
 public:
  explicit ScriptWorld(std::vector<TopicPolicy> topics = {});
  // With a script that has this text.
  explicit ScriptWorld(const std::string& text) : ScriptWorld() {
    load(folder_.write("fuzz.lua", text).string());
  }

  void load(const std::string& path);
  void deliver(Message message);

  Rehearsal& rehearsal() { return rehearsal_; }

 private:
  static Rehearsal::Options options(std::vector<TopicPolicy> topics);

  test::TempFolder folder_;
  Logs logs_;
  Rehearsal rehearsal_;
};

}  // namespace engine::fuzz
