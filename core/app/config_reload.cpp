#include "core/app/config_reload.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <utility>

namespace engine {
namespace {

constexpr Duration kRetryAfter = std::chrono::milliseconds{100};

}  // namespace

ConfigReload::ConfigReload(ConfigSources sources, Config at_start, Timers& timers, Logs& logs,
                           Apply apply)
    : sources_(std::move(sources)),
      at_start_(at_start),
      timers_(timers),
      log_(logs.get("engine")),
      apply_(std::move(apply)),
      current_(std::move(at_start)) {}

ConfigReload::~ConfigReload() { timers_.cancel(retry_); }

void ConfigReload::attempt(bool last_try) {
  timers_.cancel(retry_);
  if (files().empty() && folders().empty()) return;
  auto loaded = load_config(sources_);
  if (loaded) return take(std::move(*loaded));
  if (!last_try) {
    retry_ = timers_.after(kRetryAfter, [this] { attempt(true); });
    return;
  }
  for (const Error& error : loaded.error()) log_.error("{}", error.message);
  log_.error("{}: not taken over, the configuration stays as it was", name());
}

std::set<std::string> ConfigReload::files() const {
  std::set<std::string> files;
  if (sources_.file) files.insert(sources_.file->string());
  for (const auto& file : current_.topics.files) files.insert(file.string());
  return files;
}

std::set<std::string> ConfigReload::folders() const {
  std::set<std::string> folders;
  for (const auto& folder : current_.topics.folders) folders.insert(folder.string());
  return folders;
}

std::string ConfigReload::name() const {
  return sources_.file ? sources_.file->string() : "the command line";
}

void ConfigReload::take(Config now) {
  const std::vector<ConfigChange> changes = config_changes(current_, now);
  if (changes.empty()) return;
  const Config before = std::exchange(current_, std::move(now));
  tell(changes);
  apply_(before, current_);
}

void ConfigReload::tell(const std::vector<ConfigChange>& changes) {
  std::vector<std::string> live, later;
  bool any_later = false;
  for (const ConfigChange& change : changes) {
    if (change.live) live.push_back(fmt::format("{} = {}", change.key, change.value));
    any_later = any_later || !change.live;
  }
  const std::string file = name();
  if (!live.empty()) log_.info("{}: from now on {}", file, fmt::join(live, ", "));
  if (!any_later) return;
  for (const ConfigChange& change : config_changes(at_start_, current_)) {
    if (!change.live) later.push_back(change.key);
  }
  if (later.empty()) {
    log_.info("{}: nothing is left to change at the next start", file);
  } else {
    log_.warn("{}: {} change{} at the next start", file, fmt::join(later, ", "),
              later.size() == 1 ? "s" : "");
  }
}

}  // namespace engine
