// timer: one-shot, repeating and daily timers. The prose stands in scripts/types/timer.lua.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "bindings/host/modules.h"
#include "bindings/host/script.h"
#include "bindings/host/script_handle.h"
#include "bindings/lua/arguments.h"
#include "bindings/lua/entry.h"
#include "core/base/daily.h"

namespace engine {
namespace {

// A timer of a script; the subclasses differ in when it fires. One with a name is carried on by the
// next version of the script.
class ScriptTimer : public Registration {
 public:
  ScriptTimer(Script& script, Callback callback, std::string name)
      : script_(script), callback_(std::move(callback)), name_(std::move(name)) {}
  ~ScriptTimer() override { timers().cancel(id_); }
  bool active() const override { return script_.registrations().staging() || timers().active(id_); }
  std::string key() const override { return name_.empty() ? "" : "timer " + name_; }
  std::string title() const override { return name_.empty() ? "" : "timer '" + name_ + "'"; }
  const std::string& name() const { return name_; }
  void know(Handle self) { self_ = self; }
  Handle self() const { return self_; }

 protected:
  Timers& timers() const { return script_.services().timers; }
  SteadyTime now() const { return timers().clock().now(); }

  Script& script_;
  Callback callback_;
  const std::string name_;
  Handle self_;
  TimerId id_;
};

class OneShot final : public ScriptTimer {
 public:
  // A `remembered` one that has fired does not fire again in the next version of the script.
  OneShot(Script& script, Callback callback, std::string name, bool remembered, Duration delay)
      : ScriptTimer(script, std::move(callback), std::move(name)),
        delay_(delay),
        remembered_(remembered) {}

  void activate(Registration* former) override {
    const auto* before = dynamic_cast<const OneShot*>(former);
    started_ = before ? before->started_ : now();
    done_ = before && before->done_;
    if (done_) return;
    id_ = timers().at(started_ + delay_, [this] { fire(); });
  }

 private:
  void fire() {
    const Callback callback = callback_;
    const std::string name = name_;
    if (remembered_) {
      done_ = true;
    } else {
      script_.registrations().remove(self_);  // `this` is gone from here on.
    }
    callback({"timer.after", name}, [](lua_State*) { return 0; });
  }

  const Duration delay_;
  const bool remembered_;
  SteadyTime started_{};
  bool done_ = false;
};

class Repeating final : public ScriptTimer {
 public:
  Repeating(Script& script, Callback callback, std::string name, Duration period)
      : ScriptTimer(script, std::move(callback), std::move(name)), period_(period) {}

  void activate(Registration* former) override {
    id_ = timers().every(period_, first(dynamic_cast<const Repeating*>(former)),
                         [callback = callback_, name = name_] {
                           callback({"timer.every", name}, [](lua_State*) { return 0; });
                         });
  }

 private:
  // Keeps the phase of the version before; with another period, where that one began.
  SteadyTime first(const Repeating* before) {
    started_ = before ? before->started_ : now();
    if (before && before->period_ == period_) {
      if (const auto due = timers().due(before->id_)) return *due;
    }
    return started_ + (1 + (now() - started_) / period_) * period_;
  }

  const Duration period_;
  SteadyTime started_{};
};

class Daily final : public ScriptTimer {
 public:
  Daily(Script& script, Callback callback, std::string name, TimeOfDay time)
      : ScriptTimer(script, std::move(callback), std::move(name)), time_(time) {}

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
      const std::string name = name_;
      callback({"timer.at", name}, [](lua_State*) { return 0; });
    }
  }

  const TimeOfDay time_;
  WallTime due_{};
};

struct Name {
  std::string text;
  // Whether a timer of that name that has fired stays on record.
  bool remembered = false;
};

// The option `name` at `index`: raises where a timer of that name is there and has yet to fire.
Name check_name(lua_State* L, int index) {
  lua::Options options(L, index);
  Name name{.text = options.string("name")};
  options.finish();
  if (name.text.empty()) return name;
  Registrations& registrations = Script::of(L).registrations();
  name.remembered = registrations.staging();
  for (const ScriptTimer* other : registrations.of_type<ScriptTimer>()) {
    if (other->name() != name.text) continue;
    if (other->active()) {
      lua::bad_argument(L, index, "there is a timer '" + name.text + "' already: cancel it first");
    }
    name.remembered = true;
    registrations.remove(other->self());
    break;
  }
  return name;
}

int push_timer(lua_State* L, std::unique_ptr<ScriptTimer> timer) {
  ScriptTimer& added = *timer;
  const Handle handle = Script::of(L).registrations().add(std::move(timer));
  added.know(handle);
  return push_handle(L, handle);
}

// timer.after(seconds, fn [, {name=}]) -> handle
int timer_after(lua_State* L) {
  const double seconds = lua::check_seconds(L, 1);
  lua::check_function(L, 2);
  Name name = check_name(L, 3);
  Script& script = Script::of(L);
  return push_timer(L,
                    std::make_unique<OneShot>(script, Callback(script, L, 2), std::move(name.text),
                                              name.remembered, from_seconds(seconds)));
}

// timer.every(seconds, fn [, {name=}]) -> handle
int timer_every(lua_State* L) {
  const double seconds = lua::check_seconds(L, 1);
  if (seconds < 0.001) lua::bad_argument(L, 1, "a period of at least 0.001 s expected");
  lua::check_function(L, 2);
  Name name = check_name(L, 3);
  Script& script = Script::of(L);
  return push_timer(L, std::make_unique<Repeating>(script, Callback(script, L, 2),
                                                   std::move(name.text), from_seconds(seconds)));
}

// timer.at("18:00", fn [, {name=}]) -> handle
int timer_at(lua_State* L) {
  const auto time = parse_time_of_day(lua::check_string(L, 1));
  if (!time) lua::bad_argument(L, 1, "a time of day such as \"18:00\" or \"18:00:30\" expected");
  lua::check_function(L, 2);
  Name name = check_name(L, 3);
  Script& script = Script::of(L);
  return push_timer(
      L, std::make_unique<Daily>(script, Callback(script, L, 2), std::move(name.text), *time));
}

// timer.now() -> seconds
int timer_now(lua_State* L) {
  const SteadyTime now = Script::of(L).services().clock().now();
  lua_pushnumber(L, to_seconds(now.time_since_epoch()));
  return 1;
}

// timer.wall() -> seconds
int timer_wall(lua_State* L) {
  const WallTime now = Script::of(L).services().clock().wall();
  lua_pushnumber(L, std::chrono::duration<double>(now.time_since_epoch()).count());
  return 1;
}

}  // namespace

void open_timer(lua_State* L, Script& script) {
  static constexpr luaL_Reg kFunctions[] = {
      {"after", lua::entry<timer_after>}, {"every", lua::entry<timer_every>},
      {"at", lua::entry<timer_at>},       {"now", lua::entry<timer_now>},
      {"wall", lua::entry<timer_wall>},   {nullptr, nullptr}};
  push_module(L, script, "timer", kFunctions);
}

}  // namespace engine
