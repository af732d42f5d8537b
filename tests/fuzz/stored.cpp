// What the run before has left: messages that were on their way, in the store and in shared memory,
// and the journal of scenes. Whatever a damaged file holds, the start goes on.
#include <cstring>

#include "core/mqtt/disk_queue.h"
#include "core/store/journal.h"
#include "tests/fuzz/fuzzer.h"

namespace engine::fuzz {
namespace {

// Takes an input apart.
class Parts {
 public:
  explicit Parts(std::string_view input) : rest_(input) {}

  int64_t number() {
    int64_t value = 0;
    const std::string_view bytes = take(sizeof value);
    std::memcpy(&value, bytes.data(), bytes.size());
    return value;
  }
  // Its length stands before it, in one byte.
  std::string bytes() {
    const std::string_view length = take(1);
    return std::string(take(length.empty() ? 0 : static_cast<unsigned char>(length[0])));
  }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view take(size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view rest_;
};

struct Run {
  Logs logs{{}};
  VirtualClock clock;
  Timers timers{clock};
  std::unique_ptr<Store> store = Store::in_memory(timers, logs);

  void write(const char* sql, std::vector<SqlValue> values) {
    store->write({sql, std::move(values)});
  }
  void entry(const char* space, const std::string& key, const std::string& value) {
    write("INSERT OR REPLACE INTO entries (space, key, value) VALUES (?, ?, ?)",
          {space, Blob{key}, Blob{value}});
  }
};

void queue(Parts& parts) {
  Run run;
  const int64_t id = parts.number();
  std::vector<SqlValue> row = {id, parts.number(), parts.number()};
  row.emplace_back(Blob{parts.bytes()});
  row.emplace_back(Blob{parts.bytes()});
  for (int i = 0; i < 3; ++i) row.emplace_back(parts.number());
  row.emplace_back(Blob{parts.bytes()});
  run.write(
      "INSERT INTO outgoing (id, time, max_age, topic, payload, qos, retain, latest, properties) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      std::move(row));
  run.store->flush();
  DiskQueue left(*run.store, run.clock, run.logs.get("mqtt"),
                 [](uint64_t) { return std::nullopt; });
  for (const DiskQueue::Kept& kept : left.load()) {
    const Message& message = kept.publication.message;
    expect(kept.id == static_cast<uint64_t>(id), "the id stays");
    expect(message.qos >= 0 && message.qos <= 2, "a QoS is 0, 1 or 2");
    expect(kept.since <= run.clock.now(), "nothing waits since the future");
    expect(kept.publication.max_age >= Duration::zero(), "an age is not negative");
  }
}

// What a killed engine leaves in shared memory.
void crash_copy(std::string_view bytes) {
  const auto kept = decode_kept(bytes);
  if (!kept) return;
  expect(kept->publication.message.qos <= 2, "a QoS is 0, 1 or 2");
  const auto again = decode_kept(encode(kept->id, kept->wall_ms, kept->publication));
  expect(again && again->id == kept->id, "the id stays");
  expect(again->publication.message.payload == kept->publication.message.payload,
         "the payload stays");
}

void journal(Parts& parts) {
  Run run;
  run.entry("journal.alive", "alive", parts.bytes());
  run.entry("journal", "scene", parts.bytes());
  run.entry("journal.data", "scene", parts.bytes());
  run.store->flush();
  Journal left(*run.store, run.timers);
  for (const Interrupted& one : left.take_interrupted()) {
    expect(one.scene == "scene", "the scene stays");
    expect(one.away >= Duration::zero() && one.lived >= Duration::zero(), "times go forward");
    for (const Cue& cue : one.safety) expect(cue.qos >= 0 && cue.qos <= 2, "a QoS is 0, 1 or 2");
  }
}

}  // namespace

// A byte that says which, then the values of one row, or of one scene, or a message as it is.
void one_input(std::string_view input) {
  if (input.empty()) return;
  if (input[0] == 'k') return crash_copy(input.substr(1));
  Parts parts(input.substr(1));
  input[0] == 'q' ? queue(parts) : journal(parts);
}

}  // namespace engine::fuzz
