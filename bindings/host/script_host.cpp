#include "bindings/host/script_host.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "bindings/host/reload.h"
#include "bindings/host/source_file.h"
#include "core/base/nearest.h"

namespace engine {
namespace {

constexpr int kTries = 3;
constexpr Duration kRetryAfter = std::chrono::milliseconds{100};
// Some editors take the old file away before the new one has reached a slow disk.
constexpr Duration kGoneAfter = std::chrono::milliseconds{500};

std::filesystem::path normal_path(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal();
}

}  // namespace

ScriptHost::ScriptHost(Services& services, ScriptOptions options, FaultLimit limit,
                       Duration slow_callback)
    : services_(services),
      options_(std::move(options)),
      log_(services.logs.get("script")),
      faults_(services.timers, services.logs, limit),
      slow_(services.clock(), services.logs, slow_callback),
      watchdog_(options_.budget),
      states_(services, [this](const std::string& path) { return find(path); }) {
  ended_ = services_.stage.on_end.connect([this](const PerformanceReport& report) {
    services_.kept.journal.end(report.scene);
    sweep_soon();  // Not at once: the script that has just ended its performance still runs.
  });
}

ScriptHost::~ScriptHost() {
  states_.save_all();
  services_.stage.on_end.disconnect(ended_);
  services_.timers.cancel(sweep_timer_);
  for (auto& [path, timer] : setting_aside_) services_.timers.cancel(timer);
  for (auto& [path, entry] : entries_) services_.timers.cancel(entry.retry);
  entries_.clear();
}

Result<void> ScriptHost::add(const std::string& path, Origin origin) {
  Entry& entry = entries_[path];
  if (entry.current) return fail(path + ": is loaded already");
  entry.origin = origin;
  auto loaded = load(path, entry);
  if (!loaded) report_failure(path, loaded.error().message);
  on_watched_files.emit();
  return loaded;
}

void ScriptHost::add_when_ready(const std::string& path) {
  entries_[path].origin = Origin::folder;
  try_reload(path, false);
  on_watched_files.emit();
}

bool ScriptHost::knows(const std::string& path) const {
  const std::filesystem::path normal = normal_path(path);
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const auto& entry) { return normal_path(entry.first) == normal; });
}

void ScriptHost::remove_from(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& [path, entry] : entries_) {
    const bool inside = std::filesystem::path(path).parent_path() == folder;
    if (inside && entry.origin == Origin::folder) paths.push_back(path);
  }
  for (const std::string& path : paths) {
    remove(path);
    log_.info("{} released", path);
  }
}

void ScriptHost::release_all() {
  for (auto& [path, entry] : entries_) {
    for (const auto& script : entry.finishing) {
      script->registrations().release(Registrations::Which::all);
    }
    if (entry.current) entry.current->registrations().release(Registrations::Which::all);
  }
}

bool ScriptHost::remove(const std::string& path) {
  const auto found = entries_.find(path);
  if (found == entries_.end()) return false;
  services_.timers.cancel(found->second.retry);
  release(found->second);
  entries_.erase(found);
  faults_.pardon(path);
  on_watched_files.emit();
  return true;
}

Result<void> ScriptHost::load(const std::string& path, Entry& entry, Reason reason) {
  Result<bool> loaded = false;
  for (int tries = 0; loaded && !*loaded && tries < kTries; ++tries) {
    loaded = load_version(path, entry, reason);
  }
  if (loaded && !*loaded) loaded = fail(path + ": changes again and again while it is loaded");
  if (loaded) {
    entry.state = State::running;
    entry.last_error.clear();
    if (reason == Reason::wanted) faults_.pardon(path);
    return {};
  }
  if (!entry.current && entry.state != State::set_aside) entry.state = State::failed;
  entry.last_error = loaded.error().message;
  return tl::unexpected(loaded.error());
}

Result<bool> ScriptHost::load_version(const std::string& path, Entry& entry, Reason reason) {
  if (is_busy(entry)) return fail(path + ": cannot be replaced while its own code runs");
  const auto source = SourceFile::read(path);
  if (!source) return tl::unexpected(source.error());
  const auto on_its_fault = [this](const Fault& fault) { hear(fault); };
  auto next = std::make_unique<Script>(services_, options_, path,
                                       Script::Supervision{watchdog_, slow_, on_its_fault},
                                       reason != Reason::broken);
  std::vector<std::string> dropped;
  park_state(path, entry, dropped);
  auto loaded = next->load(source->text(), entry.parked_state);
  if (!loaded) {  // Any of these files may be the one that has to be mended.
    entry.dependencies.insert(next->dependencies().begin(), next->dependencies().end());
    return tl::unexpected(loaded.error());
  }
  // It may be half-written, or its libraries those of another version.
  if (source->changed_since()) return false;
  entry.dependencies = next->dependencies();
  for (const std::string& key : dropped) {
    log_.warn("{}: state.{} cannot be carried over and starts anew", path, key);
  }
  replace(path, entry, std::move(next), dropped);
  park_state(path, entry, dropped);
  states_.watch(path);
  return true;
}

// Notes the state of the version that runs; where there is none to ask, what was kept of it.
void ScriptHost::park_state(const std::string& path, Entry& entry,
                            std::vector<std::string>& dropped) {
  if (entry.current && !entry.current->abandoned()) {
    entry.parked_state = entry.current->encoded_state(dropped);
  } else if (entry.current || entry.parked_state.empty()) {
    const std::string kept = states_.kept(path);
    if (!kept.empty()) entry.parked_state = kept;
  }
}

void ScriptHost::replace(const std::string& path, Entry& entry, std::unique_ptr<Script> next,
                         const std::vector<std::string>& dropped_state) {
  const bool first = entry.current == nullptr;
  const auto before = services_.clock().now();
  if (first) {
    next->commit(nullptr);
    entry.current = std::move(next);
    entry.current->perform_staged();
    log_.info("{} loaded{}", path, entry.state == State::set_aside ? " again" : "");
    ScriptReport report{.path = path, .event = "loaded", .running = true};
    if (!entry.parked_state.empty()) report.taken_over.push_back("state");
    on_report.emit(report);
    return;
  }
  Handover handover = hand_over(*entry.current, *next);
  std::unique_ptr<Script> former = std::exchange(entry.current, std::move(next));
  resume_performances(*entry.current, handover);
  if (handover.former_still_needed) {
    former->retire();
    entry.finishing.push_back(std::move(former));
  }
  former.reset();
  entry.current->perform_staged();
  entry.verdict = handover.verdict();
  log_.info("{} reloaded in {:.1f} ms{}{}", path,
            1000 * to_seconds(services_.clock().now() - before), entry.verdict.empty() ? "" : ": ",
            entry.verdict);
  ScriptReport& report = handover.report;
  report.path = path;
  report.event = "reloaded";
  report.running = true;
  report.taken_over.insert(report.taken_over.begin(), "state");
  for (const std::string& key : dropped_state) {
    report.dropped.push_back({"state." + key, "such a value cannot be carried over"});
  }
  on_report.emit(report);
}

void ScriptHost::report_failure(const std::string& path, const std::string& error) {
  on_report.emit(
      {.path = path, .event = "failed", .running = find(path) != nullptr, .error = error});
}

void ScriptHost::files_changed(const std::set<std::string>& paths) {
  std::vector<std::string> concerned;
  for (const auto& [script, entry] : entries_) {
    const auto requires_one = [&dependencies = entry.dependencies](const std::string& path) {
      return dependencies.count(path) > 0;
    };
    if (paths.count(script) || std::any_of(paths.begin(), paths.end(), requires_one)) {
      concerned.push_back(script);
    }
  }
  for (const std::string& script : concerned) {
    if (std::filesystem::exists(script)) {
      try_reload(script, false);
    } else {
      try_later(script, kGoneAfter);
    }
  }
  if (!concerned.empty()) on_watched_files.emit();
}

void ScriptHost::try_reload(const std::string& path, bool last_try) {
  Entry& entry = entries_[path];
  services_.timers.cancel(entry.retry);
  const auto loaded = load(path, entry);
  if (loaded) return;
  if (!last_try) return try_later(path, kRetryAfter);  // It may have been half-written.
  log_.error("{}{}", loaded.error().message,
             entry.current ? "\n  the version before it runs on" : "\n  it is not running");
  report_failure(path, loaded.error().message);
}

void ScriptHost::try_later(const std::string& path, Duration delay) {
  TimerId& retry = entries_[path].retry;
  services_.timers.cancel(retry);
  retry = services_.timers.after(delay, [this, path] {
    if (std::filesystem::exists(path)) {
      try_reload(path, true);
    } else {
      drop_deleted(path);
    }
    on_watched_files.emit();
  });
}

void ScriptHost::drop_deleted(const std::string& path) {
  Entry& entry = entries_[path];
  if (entry.current) {
    log_.warn("{} was deleted: its scenes are stopped, what it had registered is released", path);
  }
  release(entry);
  states_.forget(path);
  entry.parked_state.clear();
  on_report.emit({.path = path, .event = "deleted", .running = false});
  entry.state = State::failed;
  entry.last_error = path + ": was deleted";
  if (entry.origin == Origin::folder) entries_.erase(path);
}

Result<ScriptHost::Entries::iterator> ScriptHost::named(const std::string& name) {
  if (const auto exact = entries_.find(name); exact != entries_.end()) return exact;
  auto found = entries_.end();
  std::vector<std::string> names;
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    names.push_back(std::filesystem::path(entry->first).stem().string());
    if (names.back() != name) continue;
    if (found != entries_.end()) {
      return fail(fmt::format("there are two scripts '{}': {} and {}; give the whole path", name,
                              found->first, entry->first));
    }
    found = entry;
  }
  if (found != entries_.end()) return found;
  const auto guess = nearest(name, names);
  return fail(fmt::format("there is no script '{}'{}", name,
                          guess ? fmt::format(", did you mean '{}'?", *guess) : ""));
}

Result<void> ScriptHost::reload(const std::string& name) {
  const auto found = named(name);
  if (!found) return tl::unexpected(found.error());
  auto& [path, entry] = **found;
  services_.timers.cancel(entry.retry);
  auto loaded = load(path, entry);
  if (!loaded) log_.error("{}", loaded.error().message);
  on_watched_files.emit();
  return loaded;
}

Result<void> ScriptHost::resume(const std::string& name) {
  const auto found = named(name);
  if (!found) return tl::unexpected(found.error());
  if ((*found)->second.state != State::set_aside) {
    return fail(fmt::format("script '{}' is not set aside", name));
  }
  return reload((*found)->first);
}

std::vector<ScriptHost::Listed> ScriptHost::list() const {
  std::vector<Listed> listed;
  for (const auto& [path, entry] : entries_) {
    listed.push_back({.name = std::filesystem::path(path).stem().string(),
                      .path = path,
                      .state = entry.state,
                      .memory = entry.current ? entry.current->memory_used() : 0,
                      .faults = faults_.total(path),
                      .last_error = entry.last_error,
                      .verdict = entry.verdict});
  }
  return listed;
}

void ScriptHost::sweep_soon(Duration delay) {
  if (services_.timers.active(sweep_timer_)) return;
  sweep_timer_ = services_.timers.after(delay, [this] { sweep(); });
}

void ScriptHost::sweep() {
  for (auto& [path, entry] : entries_) {
    std::erase_if(entry.finishing, [](const std::unique_ptr<Script>& script) {
      return !script->busy() && (script->broken() || !is_performing(*script));
    });
    if (entry.current && entry.current->broken()) start_again(path, entry);
  }
}

void ScriptHost::set_options(ScriptOptions options) {
  options_ = std::move(options);
  watchdog_.set_budget(options_.budget);
}

std::set<std::string> ScriptHost::watched_files() const {
  std::set<std::string> files;
  for (const auto& [path, entry] : entries_) {
    files.insert(path);
    files.insert(entry.dependencies.begin(), entry.dependencies.end());
  }
  return files;
}

Script* ScriptHost::find(const std::string& path) {
  const auto found = entries_.find(path);
  return found == entries_.end() ? nullptr : found->second.current.get();
}

}  // namespace engine
