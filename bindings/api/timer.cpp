// timer: one-shot, repeating and daily timers. The prose stands in scripts/types/timer.lua.
#include <algorithm>
#include <memory>
#include <utility>

#include "bindings/host/modules.h"
#include "bindings/host/script.h"
#include "bindings/host/script_handle.h"
#include "bindings/lua/arguments.h"
#include "bindings/lua/entry.h"
#include "core/base/daily.h"

namespace engine {
namespace {

// A timer of a script; the subclasses differ in when it fires.
class ScriptTimer : public Registration {
 public:
  ScriptTimer(Script& script, Callback callback)
      : script_(script), callback_(std::move(callback)) {}
  ~ScriptTimer() override { timers().cancel(id_); }
  bool active() const override { return script_.registrations().staging() || timers().active(id_); }

 protected:
  Timers& timers() const { return script_.services().timers; }
  Script& script_;
  Callback callback_;
  TimerId id_;
};

class OneShot final : public ScriptTimer {
 public:
  OneShot(Script& script, Callback callback, Duration delay)
      : ScriptTimer(script, std::move(callback)), delay_(delay) {}
  void know(Handle self) { self_ = self; }
  void activate(Registration*) override {
    id_ = timers().after(delay_, [&script = script_, callback = callback_, this] {
      script.registrations().remove(self_);  // Done: `this` is gone from here on.
      callback({"timer.after"}, [](lua_State*) { return 0; });
    });
  }

 private:
  const Duration delay_;
  Handle self_;
};

class Repeating final : public ScriptTimer {
 public:
  Repeating(Script& script, Callback callback, Duration period)
      : ScriptTimer(script, std::move(callback)), period_(period) {}
  void activate(Registration*) override {
    id_ = timers().every(period_, [callback = callback_] {
      callback({"timer.every"}, [](lua_State*) { return 0; });
    });
  }

 private:
  const Duration period_;
};

class Daily final : public ScriptTimer {
 public:
  Daily(Script& script, Callback callback, TimeOfDay time)
      : ScriptTimer(script, std::move(callback)), time_(time) {}
  void activate(Registration*) override {
    due_ = next_daily(timers().clock().wall(), time_);
    wait();
  }

 private:
  // Looks again at least every minute, because the wall clock can be set.
  void wait() {
    const auto left = std::chrono::duration_cast<Duration>(due_ - timers().clock().wall());
    id_ = timers().after(std::min<Duration>(left, std::chrono::minutes{1}), [this] { check(); });
  }
  void check() {
    const WallTime now = timers().clock().wall();
    const bool reached = now >= due_;
    due_ = next_daily(now, time_);
    wait();
    if (reached) {
      const Callback callback = callback_;  // It may cancel this timer.
      callback({"timer.at"}, [](lua_State*) { return 0; });
    }
  }

  const TimeOfDay time_;
  WallTime due_{};
};

// timer.after(seconds, fn) -> handle
int timer_after(lua_State* L) {
  const double seconds = lua::check_seconds(L, 1);
  lua::check_function(L, 2);
  Script& script = Script::of(L);
  auto timer = std::make_unique<OneShot>(script, Callback(script, L, 2), from_seconds(seconds));
  OneShot& added = *timer;
  const Handle handle = script.registrations().add(std::move(timer));
  added.know(handle);
  return push_handle(L, handle);
}

// timer.every(seconds, fn) -> handle
int timer_every(lua_State* L) {
  const double seconds = lua::check_seconds(L, 1);
  if (seconds < 0.001) lua::bad_argument(L, 1, "a period of at least 0.001 s expected");
  lua::check_function(L, 2);
  Script& script = Script::of(L);
  return push_handle(L, script.registrations().add(std::make_unique<Repeating>(
                            script, Callback(script, L, 2), from_seconds(seconds))));
}

// timer.at("18:00", fn) -> handle
int timer_at(lua_State* L) {
  const auto time = parse_time_of_day(lua::check_string(L, 1));
  if (!time) lua::bad_argument(L, 1, "a time of day such as \"18:00\" or \"18:00:30\" expected");
  lua::check_function(L, 2);
  Script& script = Script::of(L);
  return push_handle(L, script.registrations().add(
                            std::make_unique<Daily>(script, Callback(script, L, 2), *time)));
}

// timer.now() -> seconds
int timer_now(lua_State* L) {
  const SteadyTime now = Script::of(L).services().clock().now();
  lua_pushnumber(L, to_seconds(now.time_since_epoch()));
  return 1;
}

}  // namespace

void open_timer(lua_State* L, Script& script) {
  static constexpr luaL_Reg kFunctions[] = {{"after", lua::entry<timer_after>},
                                            {"every", lua::entry<timer_every>},
                                            {"at", lua::entry<timer_at>},
                                            {"now", lua::entry<timer_now>},
                                            {nullptr, nullptr}};
  push_module(L, script, "timer", kFunctions);
}

}  // namespace engine
