// What the running program follows: saved scripts, folders, and its configuration.
#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "core/app/library_folder.h"
#include "core/app/log_setup.h"
#include "core/app/runtime.h"
#include "core/app/script_config.h"
#include "core/app/script_options.h"

namespace engine {
namespace {

std::vector<std::string> missing_in(const std::vector<std::string>& there,
                                    const std::vector<std::string>& of) {
  std::vector<std::string> missing;
  std::copy_if(of.begin(), of.end(), std::back_inserter(missing), [&](const std::string& one) {
    return std::find(there.begin(), there.end(), one) == there.end();
  });
  return missing;
}

bool any_of(const FileWatcher::Paths& these, const FileWatcher::Paths& are_in) {
  return std::any_of(these.begin(), these.end(),
                     [&](const std::string& path) { return are_in.count(path) > 0; });
}

}  // namespace

ScriptOptions script_options(const Config& config) {
  ScriptOptions options;
  options.memory_cap_bytes = static_cast<size_t>(config.scripts.memory_mb) * 1024 * 1024;
  options.budget = config.scripts.hard_budget;
  for (const auto& folder : config.scripts.folders) {
    options.library_folders.push_back(folder.string());
  }
  options.library_folders.push_back(library_folder().string());
  return options;
}

FaultLimit fault_limit(const Config& config) {
  return {.faults = config.scripts.fault_limit, .window = config.scripts.fault_window};
}

void Runtime::files_changed(const FileWatcher::Paths& paths) {
  if (shutting_down_) return;
  // First: a new value may be what a saved script needs.
  if (any_of(config_reload_.files(), paths) || any_of(config_reload_.folders(), paths)) {
    config_reload_.reload();
  }
  host_.files_changed(paths);
  for (const std::string& path : paths) {
    if (folders_.folders().count(path)) folders_.changed(path);
  }
}

void Runtime::reload_all() {
  FileWatcher::Paths paths = host_.watched_files();
  paths.merge(config_reload_.files());
  paths.insert(folders_.folders().begin(), folders_.folders().end());
  files_changed(paths);
}

void Runtime::follow(const Config& before, const Config& now) {
  set_levels(logs_, now.log);
  feedback_.set_rules(now.feedback);
  set_topics(now);
  host_.set_options(script_options(now));
  host_.faults().set_limit(fault_limit(now));
  host_.set_slow_callback(now.scripts.slow_callback);
  media_.set_folders(media_options(now, line_).folders);
  Config for_scripts = now;
  for_scripts.site = config_.site;  // The same until the next start.
  for_scripts.mqtt.version = config_.mqtt.version;
  const nlohmann::json values = script_config(for_scripts);
  const bool see_other_values = values != services_.config;
  services_.config = values;
  const std::vector<std::string> was = named_scripts(before, line_);
  const std::vector<std::string> is = named_scripts(now, line_);
  release(missing_in(is, was));
  if (see_other_values) host_.files_changed(host_.watched_files());
  add(missing_in(was, is));
  folders_.set(watched_folders(now, line_));
  watch_files();
}

bool Runtime::add(const std::vector<std::string>& scripts) {
  bool all_loaded = true;
  for (const std::string& path : scripts) {
    const auto loaded = host_.add(path);
    if (!loaded) logs_.get("script").error("{}", loaded.error().message);
    all_loaded = all_loaded && loaded;
  }
  return all_loaded;
}

void Runtime::release(const std::vector<std::string>& scripts) {
  for (const std::string& path : scripts) {
    if (!host_.remove(path)) continue;
    logs_.get("script").info("{} released: the configuration no longer names it", path);
  }
}

}  // namespace engine
