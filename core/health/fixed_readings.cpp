#include "core/health/system_readings.h"

namespace engine {

SystemReading FixedReadings::sample() {
  SystemReading reading;
  reading.hostname = "rehearsal";
  reading.hwid = "rehearsal";
  reading.ip = "127.0.0.1";
  reading.mac = "00:00:00:00:00:00";
  reading.wifi_rssi = -60;
  reading.battery_level = 100;
  reading.cpu_usage = 5;
  reading.cpu_temp = 45;
  reading.memory_usage = 25;
  reading.memory_available = uint64_t{3} << 30;
  reading.disk = 30;
  reading.disk_free = uint64_t{20} << 30;
  reading.load = {0.1, 0.1, 0.1};
  reading.process_cpu = 1;
  reading.process_memory = uint64_t{25} << 20;
  return reading;
}

SystemReading FixedReadings::latest() {
  SystemReading latest = reading;
  latest.time = clock_.wall();
  latest.uptime = to_seconds(clock_.now().time_since_epoch());
  return latest;
}

}  // namespace engine
