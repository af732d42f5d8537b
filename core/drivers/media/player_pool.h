#pragma once

#include <spdlog/logger.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "core/base/slot_map.h"
#include "core/base/timers.h"
#include "core/drivers/media/player.h"

namespace engine {

using PlayerId = Handle;

// Players of one kind: started when needed, used again, ended when idle for long. One that dies is
// replaced, until too many have died. Engine thread only.
class PlayerPool {
 public:
  struct Rules {
    std::string name;                               // For messages: "mpv (audio)".
    Duration idle_time = std::chrono::seconds{30};  // Of a player that is not kept for ever.
    size_t restarts = 3;                            // At most, within the window.
    Duration window = std::chrono::minutes{1};
  };
  // What happens to players that are in use.
  struct Listener {
    std::function<void(PlayerId)> on_finished;
    std::function<void(PlayerId, const std::string& why)> on_failed;
    std::function<void(PlayerId, const std::string& why)> on_died;  // It is gone already.
  };

  PlayerPool(Timers& timers, spdlog::logger& log, Rules rules, StartPlayer start,
             Listener listener);
  ~PlayerPool();
  PlayerPool(const PlayerPool&) = delete;
  PlayerPool& operator=(const PlayerPool&) = delete;

  // Starts players until there are that many, and from now on keeps as many when they are idle.
  Result<void> prepare(size_t players);
  // An idle player, or a new one; the caller has it until it releases it. Fails when none can be
  // started, or for a while after too many have died.
  Result<PlayerId> acquire();
  // What it plays must have ended or been stopped.
  void release(PlayerId id);
  // Null when it has died. Holds until the next call of a method that is not const.
  Player* find(PlayerId id);

  size_t size() const { return players_.size(); }

 private:
  struct Member {
    std::unique_ptr<Player> player;
    bool busy = false;
    bool quitting = false;
    TimerId retirement;
  };
  Result<PlayerId> start();
  Result<void> check_deaths();
  void died(PlayerId id, const std::string& why);
  void replace(const std::string& why);
  void retire(PlayerId id);
  // Neither in use nor about to end.
  std::optional<PlayerId> idle();
  size_t count_idle();

  // Constant after construction.
  Timers& timers_;
  spdlog::logger& log_;
  const Rules rules_;
  const StartPlayer start_;
  const Listener listener_;
  // Engine thread only.
  SlotMap<Member> players_;
  size_t kept_ = 1;                // Idle players that are not ended.
  std::deque<SteadyTime> deaths_;  // Within the window.
  std::string last_death_;
};

}  // namespace engine
