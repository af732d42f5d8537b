#include "core/store/store.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>

#include "core/store/key_value.h"
#include "tests/support/captured_logs.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  TempFolder folder;
  CapturedLogs logs;
  VirtualClock clock;
  Timers timers{clock};
  const std::filesystem::path file = folder / "store.sqlite";

  std::unique_ptr<Store> open() {
    auto store = Store::open_inline(file, timers, logs);
    INFO((store ? std::string{} : store.error().message));
    REQUIRE(store);
    return std::move(*store);
  }
  void tick(Duration by) { advance(clock, timers, by); }

  // What a power cut now would leave: the files as they are.
  std::vector<std::string> keys_after_a_power_cut() {
    const TempFolder other;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      std::filesystem::copy(entry.path(), other.path());
    }
    auto store = Store::open_inline(other / "store.sqlite", timers, logs);
    REQUIRE(store);
    return KeyValue(**store, "test").keys();
  }
  // As another program would do it.
  void sql(const std::string& text) {
    sqlite3* connection = nullptr;
    REQUIRE(sqlite3_open(file.c_str(), &connection) == SQLITE_OK);
    CHECK(sqlite3_exec(connection, text.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(connection);
  }
  std::vector<std::string> moved_aside() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      const std::string name = entry.path().filename().string();
      if (name.find(".broken-") != std::string::npos) names.push_back(name);
    }
    return names;
  }
};

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE_METHOD(Fixture, "store: what was set is there again") {
  const std::string bytes("\0\xff\n", 3);
  {
    const auto store = open();
    KeyValue values(*store, "test");
    REQUIRE(values.set("a", "1"));
    REQUIRE(values.set("b", bytes));
    REQUIRE(values.set("c", "2"));
    CHECK(values.erase("a"));
    CHECK_FALSE(values.erase("a"));
  }
  const auto store = open();
  const KeyValue values(*store, "test");
  CHECK(values.keys() == Keys{"b", "c"});
  CHECK(*values.get("b") == bytes);
  CHECK(values.get("a") == nullptr);
  CHECK(KeyValue(*store, "other").size() == 0);
}

TEST_CASE_METHOD(Fixture, "store: writes are gathered, and on disk within a second") {
  const auto store = open();
  KeyValue values(*store, "test");
  REQUIRE(values.set("a", "1"));
  REQUIRE(values.set("b", "1"));
  CHECK(keys_after_a_power_cut().empty());
  tick(1s);
  CHECK(keys_after_a_power_cut() == Keys{"a", "b"});
  CHECK(timers.size() == 0);
}

TEST_CASE_METHOD(Fixture, "store: a transaction can be wanted sooner, and is not put off again") {
  const auto store = open();
  KeyValue values(*store, "test");
  REQUIRE(values.set("a", "1"));
  store->flush_within(20ms);
  store->flush_within(50ms);
  REQUIRE(values.set("b", "1"));
  tick(19ms);
  CHECK(keys_after_a_power_cut().empty());
  tick(1ms);
  CHECK(keys_after_a_power_cut() == Keys{"a", "b"});
  CHECK(timers.size() == 0);
}

TEST_CASE_METHOD(Fixture, "store: what is held back goes into the transaction that comes next") {
  const auto store = open();
  KeyValue values(*store, "test");
  int asked = 0;
  const Handle listening = store->on_flush.connect([&] {
    ++asked;
    REQUIRE(values.set("held back", std::to_string(asked)));
  });
  REQUIRE(values.set("a", "1"));
  tick(Store::kGather);
  CHECK(asked == 1);
  CHECK(keys_after_a_power_cut() == Keys{"a", "held back"});
  store->flush_within(1ms);  // Although nothing was written.
  tick(1ms);
  CHECK(asked == 2);
  store->on_flush.disconnect(listening);
  tick(1h);
  CHECK(asked == 2);
  CHECK(timers.size() == 0);
}

TEST_CASE_METHOD(Fixture, "store: a thousand changes of one key are one write") {
  const auto store = open();
  KeyValue values(*store, "test");
  for (int i = 0; i < 1000; ++i) REQUIRE(values.set("a", std::to_string(i)));
  REQUIRE(values.set("a", "999"));
  tick(1s);
  sql("CREATE TABLE seen AS SELECT * FROM entries");  // And the file is not locked.
  CHECK(keys_after_a_power_cut() == Keys{"a"});
  CHECK(*KeyValue(*store, "test").get("a") == "999");
}

TEST_CASE_METHOD(Fixture, "key_value: limits are kept, and what breaks them changes nothing") {
  const auto store = open();
  KeyValue values(*store, "test", {.value = 10, .total = 30});
  CHECK_FALSE(values.set("", "x"));
  CHECK_FALSE(values.set(std::string(2000, 'k'), "x"));
  CHECK_FALSE(values.set("a", "12345678901"));
  REQUIRE(values.set("a", "1234567890"));
  REQUIRE(values.set("b", "1234567890"));
  CHECK_FALSE(values.set("c", "1234567890"));
  CHECK(values.keys() == Keys{"a", "b"});
  REQUIRE(values.set("a", ""));
  CHECK(values.set("c", "1234567890"));
}

TEST_CASE_METHOD(Fixture, "key_value: keys by prefix, and all of a prefix erased") {
  const auto store = open();
  KeyValue values(*store, "test");
  for (const char* key : {"ab/2", "ab/1", "ac", "a", "b"}) REQUIRE(values.set(key, "x"));
  CHECK(values.keys("ab/") == Keys{"ab/1", "ab/2"});
  values.erase_all("ab/");
  CHECK(values.keys() == Keys{"a", "ac", "b"});
}

TEST_CASE_METHOD(Fixture, "store: a damaged file is moved aside, and the store starts anew") {
  folder.write("store.sqlite", "this is not a database, but it is long enough to be none\n");
  const auto store = open();
  CHECK(moved_aside().size() == 1);
  CHECK(logs.has("[ERROR] store - "));
  CHECK(logs.has("it was moved to "));
  REQUIRE(KeyValue(*store, "test").set("a", "1"));
  tick(1s);
  CHECK(keys_after_a_power_cut() == Keys{"a"});
}

TEST_CASE_METHOD(Fixture, "store: a file damaged in its middle is noticed at the start") {
  {
    const auto store = open();
    KeyValue values(*store, "test");
    for (int i = 0; i < 200; ++i) {
      REQUIRE(values.set("key " + std::to_string(i), std::string(500, 'x')));
    }
  }
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekp(4096 * 3);
  bytes << std::string(4096 * 5, '\x5a');
  bytes.close();
  open();
  CHECK(moved_aside().size() == 1);
}

TEST_CASE_METHOD(Fixture, "store: a file of a newer version is refused, and left alone") {
  open();
  sql("PRAGMA user_version = 7777");
  const auto store = Store::open_inline(file, timers, logs);
  REQUIRE_FALSE(store);
  CHECK(store.error().message.find("store.sqlite: it was written by a newer engine (schema 7777") !=
        std::string::npos);
  CHECK(moved_aside().empty());
}

TEST_CASE_METHOD(Fixture, "store: where no file can be, the show goes on and is told so") {
  std::filesystem::create_directory(file);
  const auto store = open();
  KeyValue values(*store, "test");
  REQUIRE(values.set("a", "1"));
  tick(1s);
  CHECK(*values.get("a") == "1");
  CHECK(logs.has("nothing is kept beyond it"));
}

TEST_CASE_METHOD(Fixture, "store: a disk that takes nothing is said once, and tried again") {
  const auto store = open();
  KeyValue values(*store, "test");
  REQUIRE(values.set("old", "1"));
  tick(1s);
  sql("CREATE TRIGGER full BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'disk full'); END");
  REQUIRE(values.set("a", "1"));
  tick(10s);
  REQUIRE(values.set("a", "2"));
  REQUIRE(values.set("b", "1"));
  tick(10s);
  CHECK(logs.count("[ERROR] store - the store cannot be written: disk full") == 1);
  CHECK(*values.get("a") == "2");
  CHECK(keys_after_a_power_cut() == Keys{"old"});
  sql("DROP TRIGGER full");
  tick(3s);
  CHECK(keys_after_a_power_cut() == Keys{"a", "b", "old"});
  CHECK(logs.count("[INFO] store - the store can be written again") == 1);
  CHECK(*KeyValue(*open(), "test").get("a") == "2");
  CHECK(store->pending() == 0);
}

TEST_CASE_METHOD(Fixture, "store: of what is given up, history goes first, not what it refers to") {
  const auto store = open();
  sql("CREATE TRIGGER full BEFORE INSERT ON series BEGIN SELECT RAISE(ABORT, 'disk full'); END");
  store->write({"INSERT OR REPLACE INTO series (id, name) VALUES (1, 'voltage')", {}}, "series 0");
  for (int i = 0; i <= 200'000; ++i) {
    store->write({"INSERT INTO points (series, time, value) VALUES (1, ?, 0)", {double(i)}});
  }
  std::vector<bool> settled;
  store->on_settled.connect([&](uint64_t, bool all) { settled.push_back(all); });
  tick(1s);
  CHECK(logs.has("200001 changes that could not be written are given up"));
  CHECK(settled == std::vector{false});
  sql("DROP TRIGGER full");
  tick(3s);
  CHECK(settled == std::vector{false, true});
  CHECK(store->pending() == 0);
  CHECK(store->load({"SELECT name FROM series", {}}).size() == 1);
}

TEST_CASE_METHOD(Fixture, "store: the engine thread never waits for the disk") {
  // Somebody holds the file; writes wait in the store's own thread, and arrive afterwards.
  Inbox inbox([] {});
  auto store = Store::open(file, timers, inbox, logs);
  REQUIRE(store);
  KeyValue values(**store, "test");
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  const auto before = std::chrono::steady_clock::now();
  REQUIRE(values.set("a", "1"));
  (*store)->flush();
  REQUIRE(values.set("b", "1"));
  CHECK(std::chrono::steady_clock::now() - before < 500ms);
  REQUIRE(sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(other);
  store->reset();  // Writes the rest, and waits for it.
  CHECK(keys_after_a_power_cut() == Keys{"a", "b"});
}

TEST_CASE_METHOD(Fixture, "store: what fails just before the end is tried once more") {
  std::promise<void> answered;
  Inbox inbox([&] { answered.set_value(); });
  auto store = Store::open(file, timers, inbox, logs);
  REQUIRE(store);
  KeyValue values(**store, "test");
  sql("CREATE TRIGGER full BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'disk full'); END");
  REQUIRE(values.set("a", "1"));
  (*store)->flush();
  answered.get_future().wait();
  sql("DROP TRIGGER full");
  REQUIRE(values.set("b", "1"));
  store->reset();
  CHECK(keys_after_a_power_cut() == Keys{"a", "b"});
  CHECK(logs.count("[ERROR]") == 0);
}

TEST_CASE_METHOD(Fixture, "store: what cannot be written at the end is told") {
  Inbox inbox([] {});
  auto store = Store::open(file, timers, inbox, logs);
  REQUIRE(store);
  KeyValue values(**store, "test");
  sql("CREATE TRIGGER full BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'disk full'); END");
  REQUIRE(values.set("a", "1"));
  store->reset();
  CHECK(logs.has("[ERROR] store - the store could not be written at the end"));
}
