#include "bindings/host/state_keeper.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

namespace engine {
namespace {

constexpr Duration kPeriod = std::chrono::milliseconds{500};  // With writing, well under a second.
constexpr int kShare = 50;  // At most one part in so many of the engine's time goes into it.

// A disk is given a megabyte a second at most.
Duration time_to_write(size_t bytes) { return std::chrono::microseconds{bytes}; }

std::string key_of(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

}  // namespace

StateKeeper::StateKeeper(Services& services, std::function<Script*(const std::string& path)> find)
    : services_(services), find_(std::move(find)) {}

StateKeeper::~StateKeeper() {
  for (const auto& [path, watched] : watched_) services_.timers.cancel(watched.timer);
}

std::string StateKeeper::kept(const std::string& path) const {
  const std::string* state = services_.kept.states.get(key_of(path));
  return state ? *state : std::string{};
}

void StateKeeper::watch(const std::string& path) {
  if (!services_.kept.store->outlives_us()) return;
  if (!services_.timers.active(watched_[path].timer)) schedule(path, kPeriod);
}

void StateKeeper::schedule(const std::string& path, Duration after) {
  watched_[path].timer = services_.timers.after(after, [this, path] {
    const SteadyTime before = services_.clock().now();
    const size_t written = save(path);
    const Duration encoding = services_.clock().now() - before;
    schedule(path, std::max({kPeriod, kShare * encoding, time_to_write(written)}));
  });
}

void StateKeeper::forget(const std::string& path) {
  const auto found = watched_.find(path);
  if (found == watched_.end()) return;
  services_.timers.cancel(found->second.timer);
  watched_.erase(found);
  services_.kept.states.erase(key_of(path));
}

void StateKeeper::save_all() {
  for (const auto& [path, watched] : watched_) save(path);
}

size_t StateKeeper::save(const std::string& path) {
  Script* script = find_(path);
  if (!script || script->busy()) return 0;
  std::vector<std::string> dropped;
  std::string state = script->encoded_state(dropped);
  if (state.empty()) return 0;
  auto& log = services_.logs.get("script");
  std::set<std::string>& named = watched_[path].named;
  for (const std::string& key : dropped) {
    if (named.insert(key).second) {
      log.warn("{}: state.{} cannot be kept: it will be gone after a restart", path, key);
    }
  }
  const std::string* former = services_.kept.states.get(key_of(path));
  if (former && *former == state) return 0;
  const size_t size = state.size();
  const auto kept = services_.kept.states.set(key_of(path), std::move(state));
  if (!kept && named.insert(kept.error().message).second) {
    log.warn("{}: state is not kept: {}", path, kept.error().message);
  }
  return kept ? size : 0;
}

}  // namespace engine
