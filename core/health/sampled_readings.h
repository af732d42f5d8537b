#pragma once

#include <atomic>
#include <memory>

#include "core/base/background_worker.h"
#include "core/base/inbox.h"
#include "core/base/timers.h"
#include "core/health/linux_reader.h"

namespace engine {

// This machine, read every two seconds by a thread of its own: a disk that hangs keeps nobody
// waiting, the readings only get old. Made and used on the engine thread.
class SampledReadings final : public SystemReadings {
 public:
  static constexpr Duration kPeriod = std::chrono::seconds{2};

  // Reads for the first time. The references must outlive it.
  SampledReadings(LinuxReader::Places places, Timers& timers, Inbox& inbox);
  ~SampledReadings() override;
  SampledReadings(const SampledReadings&) = delete;
  SampledReadings& operator=(const SampledReadings&) = delete;

  SystemReading latest() override { return latest_; }

 private:
  struct Shared {
    LinuxReader reader;                // The worker's while `reading_`.
    std::atomic<bool> closed = false;  // The readings are gone, and the inbox may be.
  };
  void sample();

  Timers& timers_;
  Inbox& inbox_;
  const std::shared_ptr<Shared> shared_;
  BackgroundWorker worker_;
  SystemReading latest_;
  bool reading_ = false;
  TimerId timer_;
};

}  // namespace engine
