#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/base/logging.h"
#include "core/base/timers.h"
#include "core/config/changes.h"
#include "core/config/load.h"

namespace engine {

// Lets a running engine follow its configuration file and the catalogues of topics. Says what
// changes, and by name what only will at the next start; a file with mistakes changes nothing, and
// they are logged as they would be shown at the start. Logs to `engine`. Engine thread only.
class ConfigReload {
 public:
  // The keys of `now` that are not live differ from what the engine runs with.
  using Apply = std::function<void(const Config& before, const Config& now)>;

  // `sources` are those that `at_start` was loaded from: the command line still wins.
  ConfigReload(ConfigSources sources, Config at_start, Timers& timers, Logs& logs, Apply apply);
  ~ConfigReload();
  ConfigReload(const ConfigReload&) = delete;
  ConfigReload& operator=(const ConfigReload&) = delete;

  // A file may have changed. One with mistakes is looked at again 100 ms later, before they are
  // reported: it may have been half-written. Nothing happens without one.
  void reload() { attempt(false); }
  // The configuration, and the catalogues of topics that it names.
  std::set<std::string> files() const;
  // Of which every catalogue is read.
  std::set<std::string> folders() const;
  const Config& current() const { return current_; }

 private:
  void attempt(bool last_try);
  void take(Config now);
  std::string name() const;
  void tell(const std::vector<ConfigChange>& changes);

  // Constant after construction.
  const ConfigSources sources_;
  const Config at_start_;
  Timers& timers_;
  spdlog::logger& log_;
  const Apply apply_;
  // Engine thread only.
  Config current_;
  TimerId retry_;
};

}  // namespace engine
