#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "bindings/host/script.h"

namespace engine {

// Keeps the table `state` of each script in the store, by the script's absolute path: twice a
// second, less often where encoding it takes long or it is large. Logs to `script`. Engine thread
// only.
class StateKeeper {
 public:
  // `find`: the script that runs under a path, or nullptr.
  StateKeeper(Services& services, std::function<Script*(const std::string& path)> find);
  ~StateKeeper();
  StateKeeper(const StateKeeper&) = delete;
  StateKeeper& operator=(const StateKeeper&) = delete;

  // What was kept for the script of this path; empty when nothing was.
  std::string kept(const std::string& path) const;
  // Saves the state of whichever version of it runs, from now on.
  void watch(const std::string& path);
  // The script was deleted: its successor starts anew.
  void forget(const std::string& path);
  void save_all();

 private:
  struct Watched {
    TimerId timer;
    std::set<std::string> named;  // What cannot be kept, and has been said.
  };
  void schedule(const std::string& path, Duration after);
  // Returns how many bytes were written.
  size_t save(const std::string& path);

  Services& services_;
  const std::function<Script*(const std::string&)> find_;
  std::map<std::string, Watched> watched_;
};

}  // namespace engine
