// What the host does with scripts that fail.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "bindings/host/reload.h"
#include "bindings/host/script_host.h"

namespace engine {
namespace {

constexpr Duration kBusyRetry = std::chrono::milliseconds{1};

}  // namespace

void ScriptHost::hear(const Fault& fault) {
  const bool too_many = faults_.add(fault);
  on_fault.emit(fault);
  const auto found = entries_.find(fault.script);
  const Script* script = find(fault.script);
  if (script && script->broken()) sweep_soon();
  if (!too_many || found == entries_.end() || setting_aside_.count(fault.script)) return;
  if (!found->second.current && found->second.finishing.empty()) return;
  // Not now: the script's own code is still running.
  setting_aside_[fault.script] =
      services_.timers.after(Duration::zero(), [this, path = fault.script] { set_aside(path); });
}

void ScriptHost::set_aside(const std::string& path) {
  setting_aside_.erase(path);
  const auto found = entries_.find(path);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  if (is_busy(entry)) {
    setting_aside_[path] = services_.timers.after(kBusyRetry, [this, path] { set_aside(path); });
    return;
  }
  std::vector<std::string> dropped;
  park_state(path, entry, dropped);
  release(entry);
  entry.state = State::set_aside;
  entry.last_error =
      fmt::format("set aside after {} fault{} within {:g} s", faults_.limit().faults,
                  faults_.limit().faults == 1 ? "" : "s", to_seconds(faults_.limit().window));
  faults_.pardon(path);
  log_.error(
      "{}: {}: its scenes are stopped, what it had registered is released. It is loaded again, "
      "with its state, when it is saved, or by `engine ctl resume {}`",
      path, entry.last_error, std::filesystem::path(path).stem().string());
  on_report.emit({.path = path, .event = "set aside", .running = false, .error = entry.last_error});
}

void ScriptHost::release(Entry& entry) {
  if (entry.current) stop_performances(*entry.current);
  for (const auto& script : entry.finishing) stop_performances(*script);
  entry.current.reset();
  entry.finishing.clear();
}

// Without the JIT, so that the next endless loop is caught with its line; until it is edited.
void ScriptHost::start_again(const std::string& path, Entry& entry) {
  if (is_busy(entry)) return sweep_soon(kBusyRetry);
  std::vector<std::string> dropped;
  park_state(path, entry, dropped);
  entry.current.reset();
  const auto loaded = load(path, entry, Reason::broken);
  if (loaded) {
    log_.warn("{} was started again; without the JIT, until it is edited", path);
  } else {
    log_.error("{}\n  it is not running", loaded.error().message);
  }
}

bool ScriptHost::is_busy(const Entry& entry) const {
  const auto busy = [](const std::unique_ptr<Script>& script) { return script && script->busy(); };
  return busy(entry.current) || std::any_of(entry.finishing.begin(), entry.finishing.end(), busy);
}

}  // namespace engine
