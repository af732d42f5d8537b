#include "core/drivers/media/player_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace engine {

PlayerPool::PlayerPool(Timers& timers, spdlog::logger& log, Rules rules, StartPlayer start,
                       Listener listener)
    : timers_(timers),
      log_(log),
      rules_(std::move(rules)),
      start_(std::move(start)),
      listener_(std::move(listener)) {}

PlayerPool::~PlayerPool() {
  players_.each([this](PlayerId, Member& member) { timers_.cancel(member.retirement); });
}

Result<void> PlayerPool::prepare(size_t players) {
  kept_ = std::max(kept_, players);
  while (players_.size() < players) {
    if (const auto id = start(); !id) return tl::unexpected(id.error());
  }
  return {};
}

Result<PlayerId> PlayerPool::acquire() {
  std::optional<PlayerId> id = idle();
  if (!id) {
    const auto started = start();
    if (!started) return started;
    id = *started;
  }
  Member* member = players_.find(*id);
  member->busy = true;
  timers_.cancel(member->retirement);
  return *id;
}

void PlayerPool::release(PlayerId id) {
  Member* member = players_.find(id);
  if (!member) return;
  member->busy = false;
  if (count_idle() > kept_) {
    member->retirement = timers_.after(rules_.idle_time, [this, id] { retire(id); });
  }
}

Player* PlayerPool::find(PlayerId id) {
  Member* member = players_.find(id);
  return member ? member->player.get() : nullptr;
}

Result<PlayerId> PlayerPool::start() {
  if (auto allowed = check_deaths(); !allowed) return tl::unexpected(allowed.error());
  const PlayerId id = players_.add({});
  auto player = start_({
      .on_finished = [this, id] { listener_.on_finished(id); },
      .on_failed = [this, id](const std::string& why) { listener_.on_failed(id, why); },
      .on_died = [this, id](const std::string& why) { died(id, why); },
  });
  if (!player) {
    players_.remove(id);
    return tl::unexpected(player.error());
  }
  players_.find(id)->player = std::move(*player);
  return id;
}

Result<void> PlayerPool::check_deaths() {
  const SteadyTime now = timers_.clock().now();
  while (!deaths_.empty() && deaths_.front() + rules_.window <= now) deaths_.pop_front();
  if (deaths_.size() <= rules_.restarts) return {};
  const SteadyTime again = deaths_[deaths_.size() - rules_.restarts - 1] + rules_.window;
  return fail(fmt::format(
      "{} died {} times within {:.0f} s (at last: {}); it is tried again in {:.0f} s", rules_.name,
      deaths_.size(), to_seconds(rules_.window), last_death_, std::ceil(to_seconds(again - now))));
}

void PlayerPool::died(PlayerId id, const std::string& why) {
  const std::optional<Member> gone = players_.remove(id);
  if (!gone || gone->quitting) return;
  timers_.cancel(gone->retirement);
  deaths_.push_back(timers_.clock().now());
  last_death_ = why;
  replace(why);
  if (gone->busy) listener_.on_died(id, why);
}

void PlayerPool::replace(const std::string& why) {
  if (const auto allowed = check_deaths(); !allowed) {
    log_.error("{}", allowed.error().message);
    return;
  }
  if (idle()) {
    log_.warn("{} {}: an idle one takes its place", rules_.name, why);
    return;
  }
  log_.warn("{} {}: restarted ({} of at most {} times within {:.0f} s)", rules_.name, why,
            deaths_.size(), rules_.restarts, to_seconds(rules_.window));
  if (const auto started = start(); !started) log_.error("{}", started.error().message);
}

void PlayerPool::retire(PlayerId id) {
  Member* member = players_.find(id);
  if (!member || member->busy || count_idle() <= kept_) return;
  member->quitting = true;
  member->player->quit();
}

std::optional<PlayerId> PlayerPool::idle() {
  std::optional<PlayerId> found;
  players_.each([&](PlayerId id, const Member& member) {
    if (!found && !member.busy && !member.quitting) found = id;
  });
  return found;
}

size_t PlayerPool::count_idle() {
  size_t count = 0;
  players_.each([&](PlayerId, const Member& m) { count += !m.busy && !m.quitting; });
  return count;
}

}  // namespace engine
