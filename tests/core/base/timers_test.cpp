#include "core/base/timers.h"

#include <stdexcept>
#include <string>

#include "tests/support/catch.h"

using namespace engine;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  VirtualClock clock;
  Timers timers{clock};
  std::string log;

  Timers::Callback note(char c) {
    return [this, c] { log += c; };
  }
  void tick(Duration by) { advance(clock, timers, by); }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "timers fire in order of time, then of creation") {
  timers.after(2s, note('c'));
  timers.after(1s, note('a'));
  timers.after(1s, note('b'));
  tick(1s);
  CHECK(log == "ab");
  tick(1s);
  CHECK(log == "abc");
}

TEST_CASE_METHOD(Fixture, "a cancelled timer does not fire") {
  const TimerId id = timers.after(1s, note('a'));
  CHECK(timers.cancel(id));
  CHECK_FALSE(timers.cancel(id));
  tick(2s);
  CHECK(log.empty());
  CHECK(timers.size() == 0);
}

TEST_CASE_METHOD(Fixture, "a repeating timer keeps its grid and can cancel itself") {
  int fired = 0;
  TimerId id;
  id = timers.every(100ms, [&] {
    CHECK(clock.now().time_since_epoch() == (fired + 1) * 100ms);
    if (++fired == 3) timers.cancel(id);
  });
  tick(1s);
  CHECK(fired == 3);
}

TEST_CASE_METHOD(Fixture, "periods that were missed are skipped, not made up") {
  int fired = 0;
  timers.every(100ms, [&] { ++fired; });
  clock.set(clock.now() + 1050ms);  // The machine slept.
  timers.run_due();
  CHECK(fired == 1);
  CHECK(timers.next()->time_since_epoch() == 1100ms);
}

TEST_CASE_METHOD(Fixture, "a timer started with no delay by a callback waits for the next turn") {
  timers.after(0s, [&] {
    log += 'a';
    timers.after(0s, note('c'));
  });
  timers.after(0s, note('b'));
  CHECK(timers.run_due() == 2);
  CHECK(log == "ab");
  CHECK(timers.run_due() == 1);
  CHECK(log == "abc");
}

TEST_CASE_METHOD(Fixture, "a callback that throws does not cost the others their turn") {
  timers.after(1s, [] { throw std::runtime_error("no"); });
  timers.after(1s, note('b'));
  clock.set(clock.now() + 1s);
  CHECK_THROWS_WITH(timers.run_due(), "no");
  CHECK(log == "b");
}

TEST_CASE_METHOD(Fixture, "timers that are always cancelled leave nothing behind") {
  for (int i = 0; i < 10'000; ++i) timers.cancel(timers.after(1h, note('x')));
  timers.after(1s, note('a'));
  CHECK(timers.next()->time_since_epoch() == 1s);
  CHECK(timers.size() == 1);
}
