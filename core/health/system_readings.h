#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "core/base/clock.h"

namespace engine {

// How the machine and this process are, at one moment. What cannot be read is missing.
struct SystemReading {
  WallTime time{};
  std::string hostname;
  std::string hwid;                           // The board's serial number, else the machine's id.
  std::string ip;                             // Of the interface with the default route.
  std::string mac;                            // Of the same.
  std::optional<double> wifi_rssi;            // dBm; only where that is a wireless one.
  std::optional<double> battery_level;        // Percent.
  std::optional<double> cpu_usage;            // Percent of all cores, since the reading before.
  std::optional<double> cpu_temp;             // °C
  std::optional<double> memory_usage;         // Percent.
  std::optional<uint64_t> memory_available;   // Bytes.
  std::optional<double> disk;                 // Percent of that with the state folder.
  std::optional<uint64_t> disk_free;          // Bytes.
  std::optional<std::array<double, 3>> load;  // Processes that want to run: 1, 5, 15 minutes.
  std::optional<double> uptime;               // Of the machine, in seconds.
  std::optional<double> process_cpu;          // Percent of one core, since the reading before.
  std::optional<uint64_t> process_memory;     // Bytes, resident.
  std::optional<uint64_t> log_size;           // Bytes of the log file, if there is one.
};

// Where they come from. Engine thread only; does not block.
class SystemReadings {
 public:
  virtual ~SystemReadings() = default;
  // A few seconds old at most.
  virtual SystemReading latest() = 0;
};

// The same machine for ever: in rehearsals, so that two runs are the same.
class FixedReadings final : public SystemReadings {
 public:
  explicit FixedReadings(const Clock& clock) : clock_(clock) {}
  SystemReading latest() override;
  // For tests: what `latest` gives, but for the times.
  SystemReading reading = sample();

 private:
  static SystemReading sample();
  const Clock& clock_;
};

}  // namespace engine
