#pragma once

#include <string>
#include <vector>

namespace engine {

// What became of a script and of what its former version, or the run before, had left; published
// as docs/topics.md says.
struct ScriptReport {
  struct Dropped {
    std::string what;
    std::string why;
  };
  std::string path;
  std::string event;     // loaded, reloaded, failed, deleted, set aside, restarted
  bool running = false;  // Afterwards, in whatever version.
  std::string error = {};
  std::vector<std::string> taken_over = {};
  std::vector<Dropped> dropped = {};
};

}  // namespace engine
