#include "bindings/host/script_host.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "bindings/host/reload.h"

namespace engine {
namespace {

constexpr Duration kRetryAfter = std::chrono::milliseconds{100};
constexpr std::uintmax_t kLargestSource = 16 * 1024 * 1024;

Result<std::string> read_source(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return fail(path + ": there is no such file");
  if (!std::filesystem::is_regular_file(path, error)) return fail(path + ": is not a file");
  if (std::filesystem::file_size(path, error) > kLargestSource) {
    return fail(path + ": is larger than 16 MB: not a script");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(path + ": cannot be read (permissions?)");
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

ScriptHost::ScriptHost(Services& services, ScriptOptions options)
    : services_(services),
      options_(std::move(options)),
      log_(services.logs.get("script")),
      watchdog_(options_.budget) {
  // Not at once: the script that has just ended its performance is still running.
  ended_ = services_.stage.on_end.connect([this](const PerformanceReport&) { sweep_soon(); });
  on_fault.connect([this](const Fault& fault) {
    log_.error("{} (in {}{}{}){}{}", fault.message, fault.callback,
               fault.topic.empty() ? "" : ", topic ", fault.topic,
               fault.traceback.empty() ? "" : "\n", fault.traceback);
    const Script* script = find(fault.script);
    if (script && script->broken()) sweep_soon();
  });
}

ScriptHost::~ScriptHost() {
  services_.stage.on_end.disconnect(ended_);
  services_.timers.cancel(sweep_timer_);
  for (auto& [path, entry] : entries_) services_.timers.cancel(entry.retry);
  entries_.clear();
}

Result<void> ScriptHost::add(const std::string& path) {
  Entry& entry = entries_[path];
  if (entry.current) return fail(path + ": is loaded already");
  auto loaded = load(path, entry);
  if (loaded) log_.info("{} loaded", path);
  on_watched_files.emit();
  return loaded;
}

Result<void> ScriptHost::load(const std::string& path, Entry& entry, bool jit) {
  const auto source = read_source(path);
  if (!source) return tl::unexpected(source.error());
  auto next = std::make_unique<Script>(
      services_, options_, watchdog_, path, [this](const Fault& fault) { on_fault.emit(fault); },
      jit);
  std::vector<std::string> dropped;
  if (entry.current && !entry.current->abandoned())
    entry.state = entry.current->encoded_state(dropped);
  auto loaded = next->load(*source, entry.state);
  entry.dependencies = next->dependencies();
  if (!loaded) return loaded;
  for (const std::string& key : dropped) {
    log_.warn("{}: state.{} cannot be carried over and starts anew", path, key);
  }
  replace(path, entry, std::move(next));
  entry.state = entry.current->encoded_state(dropped);
  return {};
}

void ScriptHost::replace(const std::string& path, Entry& entry, std::unique_ptr<Script> next) {
  const bool first = entry.current == nullptr;
  const auto before = services_.clock().now();
  if (first) {
    next->commit(nullptr);
    entry.current = std::move(next);
    entry.current->perform_staged();
    return;
  }
  const Handover handover = hand_over(*entry.current, *next);
  std::unique_ptr<Script> former = std::exchange(entry.current, std::move(next));
  resume_performances(*entry.current, handover);
  if (handover.former_still_needed) {
    former->retire();
    entry.finishing.push_back(std::move(former));
  }
  former.reset();
  entry.current->perform_staged();
  log_.info("{} reloaded in {:.1f} ms{}", path, 1000 * to_seconds(services_.clock().now() - before),
            handover.verdict());
}

void ScriptHost::file_changed(const std::string& path) {
  std::vector<std::string> concerned;
  for (const auto& [script, entry] : entries_) {
    if (script == path || entry.dependencies.count(path)) concerned.push_back(script);
  }
  for (const std::string& script : concerned) {
    if (std::filesystem::exists(script)) {
      reload(script, false);
    } else {
      drop_deleted(script);
    }
  }
  on_watched_files.emit();
}

void ScriptHost::reload(const std::string& path, bool last_try) {
  Entry& entry = entries_[path];
  services_.timers.cancel(entry.retry);
  const auto loaded = load(path, entry);
  if (loaded) return;
  if (!last_try) {  // It may have been half-written.
    entry.retry = services_.timers.after(kRetryAfter, [this, path] {
      reload(path, true);
      on_watched_files.emit();
    });
    return;
  }
  log_.error("{}{}", loaded.error().message,
             entry.current ? "\n  the version before it runs on" : "\n  it is not running");
}

void ScriptHost::drop_deleted(const std::string& path) {
  Entry& entry = entries_[path];
  if (!entry.current) return;
  stop_performances(*entry.current);
  entry.current.reset();
  log_.warn("{} was deleted: its scenes are stopped, what it had registered is released", path);
}

void ScriptHost::sweep_soon() {
  if (services_.timers.active(sweep_timer_)) return;
  sweep_timer_ = services_.timers.after(Duration::zero(), [this] { sweep(); });
}

void ScriptHost::sweep() {
  for (auto& [path, entry] : entries_) {
    std::erase_if(entry.finishing, [](const std::unique_ptr<Script>& script) {
      return !script->busy() && (script->broken() || !is_performing(*script));
    });
    if (entry.current && entry.current->broken()) start_again(path, entry);
  }
}

// Without the JIT, so that the next such fault is caught with its line; until it is edited.
void ScriptHost::start_again(const std::string& path, Entry& entry) {
  std::vector<std::string> dropped;
  if (!entry.current->abandoned()) entry.state = entry.current->encoded_state(dropped);
  entry.current.reset();
  const auto loaded = load(path, entry, false);
  if (loaded) {
    log_.warn("{} was started again; without the JIT, until it is edited", path);
  } else {
    log_.error("{}\n  it is not running", loaded.error().message);
  }
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
