#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "bindings/host/fault_log.h"
#include "bindings/host/lua_scene.h"
#include "bindings/host/script.h"
#include "bindings/host/script_report.h"
#include "bindings/host/slow_callbacks.h"
#include "bindings/host/state_keeper.h"
#include "core/base/signal.h"

namespace engine {

// All scripts: loads them, replaces a running one by its next version without losing a message, and
// hears their faults. Logs to `script`. Engine thread only.
class ScriptHost {
 public:
  // `limit` and `slow_callback` can be changed later.
  ScriptHost(Services& services, ScriptOptions options, FaultLimit limit = {},
             Duration slow_callback = std::chrono::milliseconds{20});
  ~ScriptHost();
  ScriptHost(const ScriptHost&) = delete;
  ScriptHost& operator=(const ScriptHost&) = delete;

  // A file that was named stays known when it is deleted; of a folder's files those count that are
  // there.
  enum class Origin { named, folder };
  // Loads a file. On failure the file stays known: once it is mended and `file_changed` says so, it
  // is loaded.
  Result<void> add(const std::string& path, Origin origin = Origin::named);
  // As `add`, for a folder's new file that may still be being written: tried twice before an error
  // is logged.
  void add_when_ready(const std::string& path);
  // Also by another way to write its path.
  bool knows(const std::string& path) const;
  // Stops the script's scenes and forgets it. False when it is not known.
  bool remove(const std::string& path);
  // The same for all scripts that were added as this folder's.
  void remove_from(const std::string& folder);

  // The engine stops: takes out whatever scripts have registered, so that nothing of theirs follows
  // their last will. Their states are still kept. After the scenes were stopped.
  void release_all();

  // Files were saved or deleted: reloads those scripts, and every script that requires one of them,
  // once. A version that does not load changes nothing: the old one runs on. A script whose file
  // stays away for half a second is stopped, and loaded when it comes back.
  void files_changed(const std::set<std::string>& paths);
  void file_changed(const std::string& path) { files_changed({path}); }

  // `name` is a path, or a file name without folder and extension. Each reports what went wrong in
  // its result; it is logged as well.
  Result<void> reload(const std::string& name);
  // Loads a script that was set aside, with the state it had.
  Result<void> resume(const std::string& name);

  // Every file whose change matters, and a signal when that set may have changed.
  std::set<std::string> watched_files() const;
  Signal<> on_watched_files;

  Signal<const Fault&> on_fault;
  // The verdict of every load, reload and deletion.
  Signal<const ScriptReport&> on_report;

  enum class State {
    running,
    failed,     // It does not load, or its file is gone.
    set_aside,  // Too many faults: until it is edited or resumed.
  };
  struct Listed {
    std::string name;
    std::string path;
    State state = State::failed;
    size_t memory = 0;       // Bytes that its VM uses.
    uint64_t faults = 0;     // Since the start.
    std::string last_error;  // Why the last version did not load, or it was set aside.
    std::string verdict;     // What the last reload took over and dropped.
  };
  // By path.
  std::vector<Listed> list() const;

  FaultLog& faults() { return faults_; }
  // For callbacks from now on.
  void set_slow_callback(Duration limit) { slow_.set_limit(limit); }
  // For versions loaded from now on; the budget for calls from now on.
  void set_options(ScriptOptions options);

  size_t scripts() const { return entries_.size(); }
  // The current version, or nullptr.
  Script* find(const std::string& path);

 private:
  struct Entry {
    std::unique_ptr<Script> current;
    // Former versions that play a performance to its end.
    std::vector<std::unique_ptr<Script>> finishing;
    std::set<std::string> dependencies;  // Also of the last version that failed.
    TimerId retry;
    Origin origin = Origin::named;
    State state = State::failed;
    std::string parked_state;  // As it was when last looked at, encoded.
    std::string last_error;
    std::string verdict;
  };
  using Entries = std::map<std::string, Entry>;

  void try_reload(const std::string& path, bool last_try);
  void try_later(const std::string& path, Duration delay);
  enum class Reason {
    wanted,  // By its author, or a person.
    broken,  // It was stopped by force: its faults still count, and it gets no JIT.
  };
  Result<void> load(const std::string& path, Entry& entry, Reason reason = Reason::wanted);
  // False when the file changed meanwhile, and nothing has been done.
  Result<bool> load_version(const std::string& path, Entry& entry, Reason reason);
  void replace(const std::string& path, Entry& entry, std::unique_ptr<Script> next,
               const std::vector<std::string>& dropped_state);
  void report_failure(const std::string& path, const std::string& error);
  void park_state(const std::string& path, Entry& entry, std::vector<std::string>& dropped);
  void drop_deleted(const std::string& path);
  Result<Entries::iterator> named(const std::string& name);

  // script_host_faults.cpp
  void hear(const Fault& fault);
  void set_aside(const std::string& path);
  // Stops what the versions of this script perform, and releases them.
  void release(Entry& entry);
  bool is_busy(const Entry& entry) const;
  void start_again(const std::string& path, Entry& entry);

  // After the code that runs now: releases former versions whose performances have ended, and
  // starts broken scripts again.
  void sweep_soon(Duration delay = Duration::zero());
  void sweep();

  Services& services_;
  ScriptOptions options_;
  spdlog::logger& log_;
  FaultLog faults_;
  SlowCallbacks slow_;
  Watchdog watchdog_;
  Entries entries_;
  StateKeeper states_;
  std::map<std::string, TimerId> setting_aside_;
  Handle ended_;
  TimerId sweep_timer_;
};

}  // namespace engine
