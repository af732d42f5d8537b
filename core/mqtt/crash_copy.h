#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/crash_buffer.h"
#include "core/base/logging.h"
#include "core/mqtt/kept_message.h"
#include "core/store/store.h"

namespace engine {

// Bridges the time until what is queued is on the disk: what was added and is neither erased nor in
// the store's file is there after a kill -9. In two halves, one of which is filled while the store
// writes what is in the other. Without shared memory it keeps nothing, which is said once. Engine
// thread only.
class CrashCopy {
 public:
  CrashCopy(Store& store, spdlog::logger& log);
  // Removes the memory when the store has written the last.
  ~CrashCopy();
  CrashCopy(const CrashCopy&) = delete;
  CrashCopy& operator=(const CrashCopy&) = delete;

  // What the run before has left, by id; to be written to the store with its next batch. Once,
  // before the first `add`.
  std::vector<KeptMessage> load();
  // Ids only grow.
  void add(uint64_t id, int64_t wall_ms, const Publication& publication);
  void erase(uint64_t id);
  // All that is there goes to the disk with the store's batch of that number.
  void handed_over(uint64_t batch);

 private:
  struct Half {
    CrashBuffer buffer;
    std::vector<std::pair<uint64_t, CrashBuffer::Position>> positions;  // By id.
    size_t live = 0;
    std::optional<uint64_t> batch = {};  // With which it gets to the disk.

    void clear();
    // All of it in new memory of the same name.
    bool renew();
    bool erase(uint64_t id);
  };
  void settled(uint64_t batch);
  void warn_once(const char* why);

  Store& store_;
  spdlog::logger& log_;
  std::vector<Half> halves_;  // None or two: the one that is filled, and the other.
  Handle settling_;
  bool warned_ = false;
};

}  // namespace engine
