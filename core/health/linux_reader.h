#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "core/health/system_readings.h"

namespace engine {

// Reads /proc, /sys and the file systems: well under a millisecond where all is well, but a disk of
// the network may keep it waiting. One thread at a time.
class LinuxReader {
 public:
  struct Places {
    std::filesystem::path root = "/";  // Another one in tests.
    std::filesystem::path disk;        // A folder on the disk that counts.
    std::filesystem::path log;         // Empty: there is no log file.
  };
  explicit LinuxReader(Places places) : places_(std::move(places)) {}

  SystemReading read(const Clock& clock);

 private:
  struct Ticks {
    uint64_t busy = 0;
    uint64_t all = 0;
  };
  std::filesystem::path at(const char* path) const { return places_.root / path; }
  std::string text(const char* path) const;
  void read_identity(SystemReading& reading) const;
  void read_network(SystemReading& reading) const;
  void read_processor(SystemReading& reading);
  void read_memory(SystemReading& reading) const;
  void read_power_and_heat(SystemReading& reading) const;
  void read_disk(SystemReading& reading) const;
  void read_process(SystemReading& reading, SteadyTime now);

  const Places places_;
  std::optional<Ticks> ticks_;  // At the reading before.
  std::optional<double> process_seconds_;
  SteadyTime process_at_{};
};

}  // namespace engine
