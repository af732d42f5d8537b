#include "core/drivers/media/player_pool.h"

#include "tests/core/drivers/media/fake_player.h"
#include "tests/support/captured_logs.h"
#include "tests/support/catch.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  VirtualClock clock;
  Timers timers{clock};
  CapturedLogs logs;
  FakePlayers players;
  std::vector<PlayerId> died;
  PlayerPool pool{timers,
                  logs.logs().get("media"),
                  {.name = "mpv"},
                  players.start(),
                  {.on_finished = [](PlayerId) {},
                   .on_failed = [](PlayerId, const std::string&) {},
                   .on_died = [this](PlayerId id, const std::string&) { died.push_back(id); }}};

  void tick(Duration by) { advance(clock, timers, by); }
  PlayerId acquire() {
    const auto id = pool.acquire();
    REQUIRE(id);
    return *id;
  }
  void die_one_by_one(size_t times) {
    for (size_t i = 0; i < times; ++i) players.die(players.started() - 1);
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "player pool: an idle player is used again") {
  const PlayerId a = acquire();
  pool.release(a);
  CHECK(acquire() == a);
  CHECK_FALSE(acquire() == a);
  CHECK(players.started() == 2);
}

TEST_CASE_METHOD(Fixture, "player pool: one that was prepared is the first to be used") {
  CHECK(pool.prepare(1));
  CHECK(pool.prepare(1));
  acquire();
  CHECK(players.started() == 1);
}

TEST_CASE_METHOD(Fixture, "player pool: idle players but one are ended after a while") {
  const std::vector<PlayerId> ids = {acquire(), acquire(), acquire()};
  for (const PlayerId id : ids) pool.release(id);
  tick(29s);
  CHECK_FALSE(players.at(1).quitting);
  tick(1s);
  CHECK(players.at(0).quitting + players.at(1).quitting + players.at(2).quitting == 2);
  tick(1h);
  CHECK(players.alive() == 3);  // They take their time.
  for (size_t i = 0; i < 3; ++i) {
    if (players.at(i).quitting) players.die(i);
  }
  CHECK(players.alive() == 1);
  CHECK(logs.lines().empty());
  CHECK(timers.size() == 0);
}

TEST_CASE_METHOD(Fixture, "player pool: as many as were prepared are kept") {
  CHECK(pool.prepare(2));
  const std::vector<PlayerId> ids = {acquire(), acquire(), acquire()};
  for (const PlayerId id : ids) pool.release(id);
  tick(1h);
  CHECK(players.at(0).quitting + players.at(1).quitting + players.at(2).quitting == 1);
}

TEST_CASE_METHOD(Fixture,
                 "player pool: a player in use again is not ended, nor is one that ends used") {
  const PlayerId a = acquire();
  const PlayerId b = acquire();
  pool.release(a);
  pool.release(b);
  acquire();
  acquire();
  tick(1h);
  CHECK_FALSE(players.at(0).quitting);
  CHECK_FALSE(players.at(1).quitting);
  pool.release(a);
  pool.release(b);
  tick(30s);
  acquire();
  acquire();
  CHECK(players.started() == 3);
}

TEST_CASE_METHOD(Fixture, "player pool: a player that dies is replaced, and its user told") {
  const PlayerId a = acquire();
  players.die(0);
  CHECK(died == std::vector<PlayerId>{a});
  CHECK(pool.find(a) == nullptr);
  CHECK(players.alive() == 1);
  CHECK(
      logs.has("[WARNING] media - mpv was killed by signal 9: restarted (1 of at most 3 times "
               "within 60 s)"));
}

TEST_CASE_METHOD(Fixture, "player pool: after three restarts within a minute there is no fourth") {
  acquire();
  die_one_by_one(3);
  CHECK(players.started() == 4);
  tick(20s);
  die_one_by_one(1);
  CHECK(players.alive() == 0);
  CHECK(logs.has("[ERROR] media - mpv died 4 times"));
  tick(10s);
  CHECK(
      pool.acquire().error().message ==
      "mpv died 4 times within 60 s (at last: was killed by signal 9); it is tried again in 30 s");
  tick(30s);
  acquire();
  CHECK(players.alive() == 1);
}

TEST_CASE_METHOD(Fixture, "player pool: deaths that are a minute apart are each made good") {
  acquire();
  for (int i = 0; i < 10; ++i) {
    tick(21s);
    die_one_by_one(1);
  }
  CHECK(players.alive() == 1);
}

TEST_CASE_METHOD(Fixture, "player pool: a player that cannot be started is an error each time") {
  players.refusal = "mpv is not installed";
  CHECK(pool.acquire().error().message == "mpv is not installed");
  CHECK(pool.prepare(1).error().message == "mpv is not installed");
  players.refusal.clear();
  acquire();
  CHECK(pool.size() == 1);
}
