#include "bindings/host/script_folders.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace engine {
namespace {

namespace fs = std::filesystem;

bool is_script(const fs::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  std::error_code error;
  return name.ends_with(".lua") && !name.ends_with("_test.lua") && name != "simulate.lua" &&
         name.find_first_of(".~#") != 0 && entry.is_regular_file(error);
}

}  // namespace

bool ScriptFolders::set(const std::vector<fs::path>& folders) {
  const std::set<std::string> before = std::exchange(folders_, {});
  bool all_loaded = true;
  for (const fs::path& given : folders) {
    std::string folder = given.lexically_normal().string();
    if (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
    folders_.insert(folder);
    if (before.count(folder)) continue;
    std::error_code error;
    if (!fs::is_directory(folder, error)) {
      log_.warn("{}: there is no such folder; its scripts are loaded when it appears", folder);
    }
    for (const std::string& path : scripts_in(folder)) {
      const auto loaded = host_.add(path, ScriptHost::Origin::folder);
      if (!loaded) log_.error("{}", loaded.error().message);
      all_loaded = all_loaded && loaded;
    }
  }
  for (const std::string& folder : before) {
    if (!folders_.count(folder)) host_.remove_from(folder);
  }
  return all_loaded;
}

void ScriptFolders::changed(const std::string& folder) {
  for (const std::string& path : scripts_in(folder)) host_.add_when_ready(path);
}

// Those that the host does not know yet.
std::vector<std::string> ScriptFolders::scripts_in(const std::string& folder) const {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (is_script(entry) && !host_.knows(entry.path().string())) {
      found.push_back(entry.path().string());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace engine
