#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "bindings/host/lua_scene.h"
#include "bindings/host/script.h"
#include "core/base/signal.h"

namespace engine {

// All scripts: loads them, replaces a running one by its next version without losing a message, and
// hears their faults. Logs to `script`. Engine thread only.
class ScriptHost {
 public:
  ScriptHost(Services& services, ScriptOptions options);
  ~ScriptHost();
  ScriptHost(const ScriptHost&) = delete;
  ScriptHost& operator=(const ScriptHost&) = delete;

  // Loads a file. On failure the file stays known: once it is mended and `file_changed` says so, it
  // is loaded.
  Result<void> add(const std::string& path);

  // A file was saved or deleted: reloads the script, or every script that requires it. A version
  // that does not load changes nothing: the old one runs on. A deleted script's scenes are stopped.
  void file_changed(const std::string& path);

  // Every file whose change matters, and a signal when that set may have changed.
  std::set<std::string> watched_files() const;
  Signal<> on_watched_files;

  Signal<const Fault&> on_fault;

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
    std::string state;  // Encoded, as it was when last looked at.
  };

  void reload(const std::string& path, bool last_try);
  Result<void> load(const std::string& path, Entry& entry, bool jit = true);
  void replace(const std::string& path, Entry& entry, std::unique_ptr<Script> next);
  void drop_deleted(const std::string& path);
  // After the code that runs now: releases former versions whose performances have ended, and
  // starts abandoned scripts again.
  void sweep_soon();
  void sweep();
  void start_again(const std::string& path, Entry& entry);

  Services& services_;
  const ScriptOptions options_;
  spdlog::logger& log_;
  Watchdog watchdog_;
  std::map<std::string, Entry> entries_;
  Handle ended_;
  TimerId sweep_timer_;
};

}  // namespace engine
