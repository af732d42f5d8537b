#include "core/base/loop.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.h"

using namespace engine;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  SystemClock clock;
  std::vector<std::string> errors;
  Loop loop{clock, [this](const std::exception& e) { errors.push_back(e.what()); }};
};

}  // namespace

TEST_CASE_METHOD(Fixture, "tasks posted by another thread run in order on the engine thread") {
  std::vector<int> seen;
  const auto engine_thread = std::this_thread::get_id();
  bool right_thread = true;
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) {
      loop.inbox().post([&, i] {
        seen.push_back(i);
        right_thread &= std::this_thread::get_id() == engine_thread;
      });
    }
    loop.inbox().post([&] { loop.stop(); });
  });
  loop.run();
  other.join();
  REQUIRE(seen.size() == 1000);
  CHECK(std::is_sorted(seen.begin(), seen.end()));
  CHECK(right_thread);
}

TEST_CASE_METHOD(Fixture, "an exception in a task or a timer is reported and the loop goes on") {
  loop.inbox().post([] { throw std::runtime_error("task"); });
  loop.timers().after(0s, [] { throw std::runtime_error("timer"); });
  loop.timers().after(1ms, [&] { loop.inbox().post([&] { loop.stop(); }); });
  loop.run();
  std::sort(errors.begin(), errors.end());
  CHECK(errors == std::vector<std::string>{"task", "timer"});
}

TEST_CASE_METHOD(Fixture, "an earlier timer set later still fires first") {
  std::string log;
  loop.timers().after(20ms, [&] {
    log += 'b';
    loop.stop();
  });
  loop.inbox().post([&] { loop.timers().after(1ms, [&] { log += 'a'; }); });
  loop.run();
  CHECK(log == "ab");
}
