#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "bindings/host/script.h"
#include "bindings/host/script_handle.h"
#include "core/base/signal.h"

namespace engine {

// A script's function that hears a signal of the runtime.
template <typename... Args>
class ScriptListener final : public Registration {
 public:
  using Listener = typename Signal<Args...>::Listener;
  ScriptListener(Signal<Args...>& signal, Listener listener)
      : signal_(signal), listener_(std::move(listener)) {}
  ~ScriptListener() override { signal_.disconnect(id_); }
  void activate(Registration*) override { id_ = signal_.connect(listener_); }

 private:
  Signal<Args...>& signal_;
  const Listener listener_;
  Handle id_;
};

// Registers the function at `index` for `signal`; `push(L, args...)` puts its arguments on the
// stack and says how many. Pushes the handle and returns 1.
template <typename... Args, typename Push>
int listen(lua_State* L, Signal<Args...>& signal, int index, const char* what, Push push) {
  Script& script = Script::of(L);
  const Callback callback(script, L, index);
  return push_handle(L, script.registrations().add(std::make_unique<ScriptListener<Args...>>(
                            signal, [callback, what, push](Args... args) {
                              callback({what}, [&](lua_State* to) { return push(to, args...); });
                            })));
}

}  // namespace engine
