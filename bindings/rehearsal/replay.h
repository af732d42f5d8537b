#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

#include "bindings/rehearsal/rehearsal.h"
#include "core/recording/format.h"

namespace engine {

struct ReplayOptions {
  Rehearsal::Options rehearsal = {};
  // Valid filters of what is played to the scripts. None: every message but those on topics on
  // which the scripts have published themselves so far in this replay; their own answer takes the
  // place of the recorded one.
  std::vector<std::string> inject = {};
  std::vector<std::string> except = {};  // Filters of what is not, in any case.
};

// Plays a recording to scripts, in a rehearsal whose calendar starts when the recording did.
class Replay {
 public:
  Replay(Logs& logs, ReplayOptions options, WallTime started);

  Result<void> add_script(const std::string& path) { return rehearsal_.host.add(path); }

  // What the scripts publish, with the time in the replay.
  std::function<void(RecordedMessage)> on_published;

  // Lets time come to `at` since the start: all that is due on the way happens.
  void advance_to(Duration at);
  // The next time before `limit` at which something is due, else `limit`.
  Duration next_due(Duration limit);
  // Plays a message to the scripts, at its time.
  void play(const RecordedMessage& recorded);

  Rehearsal& rehearsal() { return rehearsal_; }
  uint64_t injected() const { return injected_; }
  uint64_t published() const { return published_; }
  uint64_t faults() const { return faults_; }

 private:
  bool is_for_scripts(const std::string& topic) const;
  Duration elapsed() const { return rehearsal_.clock.now().time_since_epoch(); }

  const std::vector<std::string> inject_;
  const std::vector<std::string> except_;
  std::unordered_set<std::string> own_topics_;
  uint64_t injected_ = 0;
  uint64_t published_ = 0;
  uint64_t faults_ = 0;
  // Last, because scripts may publish while it ends.
  Rehearsal rehearsal_;
};

}  // namespace engine
