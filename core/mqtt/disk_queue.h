#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_set>
#include <vector>

#include "core/bus/message.h"
#include "core/mqtt/crash_copy.h"
#include "core/mqtt/outgoing_window.h"
#include "core/store/store.h"

namespace engine {

// The messages on their way out that must outlive the engine: at once against its own death, soon
// against the machine's, in the table `outgoing` of the store. One that is settled before the store
// is written for any reason never gets there, so a good connection costs the disk nothing; but what
// else is stored never survives without the messages that were queued before it. Engine thread
// only.
class DiskQueue {
 public:
  struct Kept {
    uint64_t id;
    Publication publication;
    SteadyTime since;  // May lie before the start of the machine.
  };
  // What is known of a message by its id; nullopt when it is settled.
  using Find = std::function<std::optional<OutgoingWindow::Found>(uint64_t id)>;

  // All of them outlive the queue.
  DiskQueue(Store& store, const Clock& clock, spdlog::logger& log, Find find);
  // What is not yet written is written.
  ~DiskQueue();
  DiskQueue(const DiskQueue&) = delete;
  DiskQueue& operator=(const DiskQueue&) = delete;

  // What the run before has left, in the order of the ids. Once, before the first `add`.
  std::vector<Kept> load();
  // Ids of a run are unlike any that `load` has returned.
  void add(uint64_t id);
  void erase(uint64_t id);
  // What was added gets to the disk within `kHurry`: it will not settle itself.
  void hurry();
  static constexpr Duration kHurry = std::chrono::milliseconds{20};

 private:
  void load_crash_copy(std::vector<Kept>& kept);
  void write_unsaved();

  Store& store_;
  const Clock& clock_;
  const Find find_;
  CrashCopy crash_copy_;
  Handle flushing_;
  std::vector<uint64_t> unsaved_;
  std::unordered_set<uint64_t> saved_;
};

}  // namespace engine
