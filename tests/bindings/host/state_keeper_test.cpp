#include "tests/bindings/support/restart_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

const char* const kCounter =
    "state.n = state.n or 0\n"
    "mqtt.subscribe('x/count', function() state.n = state.n + 1 end)\n"
    "mqtt.subscribe('x/tell', function() mqtt.publish('x/n', state.n) end)\n";

struct Fixture : RestartFixture {
  Lines told() {
    taken();
    incoming("x/tell");
    return taken();
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "state: given back after a power cut, but for the last second") {
  script = kCounter;
  start();
  incoming("x/count");
  incoming("x/count");
  tick(1s);
  incoming("x/count");
  cut_power_and_start(1min);
  CHECK(told() == Lines{"x/n=2"});
}

TEST_CASE_METHOD(Fixture, "state: given back whole after an orderly end") {
  script = kCounter;
  start();
  incoming("x/count");
  stop_and_start();
  CHECK(told() == Lines{"x/n=1"});
}

TEST_CASE_METHOD(Fixture, "state: what a save has carried over is kept as well") {
  script = kCounter;
  start();
  incoming("x/count");
  script = std::string(kCounter) + "state.n = state.n + 10\n";
  run->rehearsal.host.file_changed(folder.write("show.lua", script).string());
  tick(1s);
  script = kCounter;
  cut_power_and_start(1min);
  CHECK(told() == Lines{"x/n=11"});
}

TEST_CASE_METHOD(Fixture, "state: a script whose file was deleted starts anew") {
  script = kCounter;
  start();
  incoming("x/count");
  tick(1s);
  const auto file = (folder / "show.lua").string();
  std::filesystem::remove(file);
  run->rehearsal.host.file_changed(file);
  tick(1s);
  cut_power_and_start(1min);
  CHECK(told() == Lines{"x/n=0"});
}

TEST_CASE_METHOD(Fixture, "state: a value that cannot be kept is named once, the rest is kept") {
  script = std::string(kCounter) + "state.fn = print\n";
  start();
  incoming("x/count");
  tick(10s);
  CHECK(run->logs.count("state.fn ") == 1);
  cut_power_and_start(1min);
  CHECK(told() == Lines{"x/n=1"});
}

TEST_CASE_METHOD(Fixture, "state: what cannot be read any more is said, and starts anew") {
  script = kCounter;
  start();
  incoming("x/count");
  tick(1s);
  const auto key = (folder / "show.lua").string();
  REQUIRE(run->rehearsal.kept.states.get(key));
  tick(1s);
  REQUIRE(run->rehearsal.kept.states.set(key, "\xff\xff nonsense"));
  run->rehearsal.kept.store->flush();
  cut_power_and_start(1min);
  CHECK(told() == Lines{"x/n=0"});
  CHECK(logged("state starts anew"));
}
