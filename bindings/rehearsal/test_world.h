#pragma once

#include <string>
#include <vector>

#include "bindings/rehearsal/rehearsal.h"

namespace engine {

// What one test steers and looks at: a rehearsal of its own, and all that was sent in it.
class TestWorld {
 public:
  // `folder` is that of the test file.
  TestWorld(Logs& logs, Rehearsal::Options options, std::string folder);
  ~TestWorld();

  struct Sent {
    double time;  // Seconds since the test began.
    std::string topic;
    std::string payload;
    int qos = 0;
    bool retain = false;
  };

  double now() const { return to_seconds(rehearsal.clock.now().time_since_epoch()); }
  // Loads a script beside the test file, or by an absolute path.
  Result<void> load(const std::string& file);
  // To the next thing that is due; false when there is none until `seconds`, which it is then.
  bool step(double seconds);

  // First, because the end of the rehearsal still writes to them.
  std::vector<Sent> sent;     // By scripts, to the broker or to the player of media.
  std::vector<Fault> faults;  // Of the scripts under test, not yet looked at.
  Rehearsal rehearsal;

 private:
  const std::string folder_;
  Handle listening_;
};

// Makes the table `rehearsal` a global of the test script; `world` must outlive it.
void open_test_world(lua_State* L, TestWorld& world);

}  // namespace engine
