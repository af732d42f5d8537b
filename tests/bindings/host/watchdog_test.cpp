#include "bindings/host/watchdog.h"

#include <time.h>

#include <chrono>

#include "tests/support/catch.h"

using namespace engine;
using namespace std::chrono_literals;

namespace {

// As one that waits for a processor: time goes by, and none is used.
int wait_idly(lua_State*) {
  const auto end = Watchdog::SteadyClock::now() + 400ms;
  while (Watchdog::SteadyClock::now() < end) {
    const timespec moment{.tv_sec = 0, .tv_nsec = 1'000'000};
    ::nanosleep(&moment, nullptr);
  }
  return 0;
}

int work(lua_State* L) {
  if (luaL_loadstring(L, "local n = 0; while true do n = n + 1 end") == 0) lua_call(L, 0, 0);
  return 0;
}

Watchdog::Outcome run(Watchdog& watchdog, lua::Vm& vm, lua_CFunction function) {
  lua_settop(vm.state(), 0);
  lua_pushcfunction(vm.state(), function);
  return watchdog.call(vm, 0, 0, 0);
}

}  // namespace

TEST_CASE("watchdog: who gets no processor is not stopped, who uses one is") {
  lua::Vm vm(32 << 20);
  Watchdog watchdog(100ms);
  CHECK(run(watchdog, vm, wait_idly).stop.empty());
  CHECK(run(watchdog, vm, wait_idly).status == 0);
  const auto began = Watchdog::SteadyClock::now();
  CHECK(run(watchdog, vm, work).stop.find("stopped: it ran for longer than 100 ms") !=
        std::string::npos);
  CHECK(Watchdog::SteadyClock::now() - began >= 100ms);
}
