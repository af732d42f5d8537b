#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "bindings/host/script_host.h"

namespace engine {

// Folders of which every script runs: files that end in .lua, but neither tests (_test.lua) nor
// virtual devices (simulate.lua) nor what editors leave behind. Folders within them are not looked
// into. Logs to `script`. Engine thread only.
class ScriptFolders {
 public:
  ScriptFolders(ScriptHost& host, Logs& logs) : host_(host), log_(logs.get("script")) {}

  // Loads what is in them; false when something does not load. Scripts of folders that are no
  // longer among them are stopped and released.
  bool set(const std::vector<std::filesystem::path>& folders);
  // Something came or went in one of them: loads what is new. (What is saved or deleted is known to
  // the host.)
  void changed(const std::string& folder);
  const std::set<std::string>& folders() const { return folders_; }

 private:
  std::vector<std::string> scripts_in(const std::string& folder) const;

  ScriptHost& host_;
  spdlog::logger& log_;
  std::set<std::string> folders_;
};

}  // namespace engine
