#include "core/health/linux_reader.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <vector>

#include "core/base/utf8.h"
#include "core/base/words.h"

namespace engine {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& file) {
  std::ifstream in(file);
  const std::string all{std::istreambuf_iterator<char>(in), {}};
  // The device tree ends its texts with a NUL.
  return printable(std::string(trimmed(all.substr(0, all.find('\0')))), 8192);
}

std::optional<double> number(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end == text.c_str()) return std::nullopt;
  return value;
}

// `MemTotal:  8042 kB`, in bytes.
std::optional<uint64_t> memory_field(const fs::path& meminfo, const std::string& name) {
  std::ifstream in(meminfo);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(name + ":"))
      return std::strtoull(line.c_str() + name.size() + 1, nullptr, 10) * 1024;
  }
  return std::nullopt;
}

double percent(double part, double all) { return all > 0 ? 100 * part / all : 0; }

// The interface that leads out, by /proc/net/route; the lowest metric wins.
std::string default_interface(const fs::path& routes) {
  std::ifstream in(routes);
  std::string line, best;
  unsigned long lowest = ~0UL;
  std::getline(in, line);  // Titles.
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::string name, destination, gateway, flags, references, use;
    unsigned long metric = 0;
    if (!(fields >> name >> destination >> gateway >> flags >> references >> use >> metric))
      continue;
    if (destination == "00000000" && metric < lowest) {
      lowest = metric;
      best = name;
    }
  }
  return best;
}

std::string address_of(const std::string& interface) {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return "";
  std::array<char, INET_ADDRSTRLEN> text{};
  for (const ifaddrs* at = list; at; at = at->ifa_next) {
    if (!at->ifa_addr || at->ifa_addr->sa_family != AF_INET || interface != at->ifa_name) continue;
    const auto* address = reinterpret_cast<const sockaddr_in*>(at->ifa_addr);
    ::inet_ntop(AF_INET, &address->sin_addr, text.data(), text.size());
    break;
  }
  ::freeifaddrs(list);
  return text.data();
}

// The names in a folder, in their order.
std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

SystemReading LinuxReader::read(const Clock& clock) {
  SystemReading reading;
  reading.time = clock.wall();
  read_identity(reading);
  read_network(reading);
  read_processor(reading);
  read_memory(reading);
  read_power_and_heat(reading);
  read_disk(reading);
  read_process(reading, clock.now());
  return reading;
}

std::string LinuxReader::text(const char* path) const { return contents(at(path)); }

void LinuxReader::read_identity(SystemReading& reading) const {
  reading.hostname = text("proc/sys/kernel/hostname");
  reading.hwid = text("proc/device-tree/serial-number");
  if (reading.hwid.empty()) reading.hwid = text("etc/machine-id");
}

void LinuxReader::read_network(SystemReading& reading) const {
  const std::string interface = default_interface(at("proc/net/route"));
  if (interface.empty()) return;
  reading.ip = address_of(interface);
  reading.mac = contents(at("sys/class/net") / interface / "address");
  std::ifstream wireless(at("proc/net/wireless"));
  for (std::string line; std::getline(wireless, line);) {
    std::istringstream fields(line);
    std::string name, status, quality, level;  // ` wlan0: 0000   54.  -56.  -256 ...`
    if (fields >> name >> status >> quality >> level && name == interface + ":") {
      reading.wifi_rssi = number(level);
    }
  }
}

void LinuxReader::read_processor(SystemReading& reading) {
  std::ifstream stat(at("proc/stat"));
  std::string name;
  std::array<uint64_t, 8> times{};  // user nice system idle iowait irq softirq steal
  stat >> name;
  for (uint64_t& time : times) stat >> time;
  if (stat) {
    Ticks now;
    for (const uint64_t time : times) now.all += time;
    now.busy = now.all - times[3] - times[4];
    const Ticks before = ticks_.value_or(Ticks{});
    if (now.all > before.all) {
      // Waiting for a disk may be counted back.
      const uint64_t busy = now.busy > before.busy ? now.busy - before.busy : 0;
      reading.cpu_usage =
          percent(static_cast<double>(busy), static_cast<double>(now.all - before.all));
    }
    ticks_ = now;
  }
  std::ifstream average(at("proc/loadavg"));
  std::array<double, 3> load{};
  if (average >> load[0] >> load[1] >> load[2]) reading.load = load;
  reading.uptime = number(text("proc/uptime"));
}

void LinuxReader::read_memory(SystemReading& reading) const {
  const auto total = memory_field(at("proc/meminfo"), "MemTotal");
  reading.memory_available = memory_field(at("proc/meminfo"), "MemAvailable");
  if (!total || !reading.memory_available) return;
  const auto available = static_cast<double>(*reading.memory_available);
  reading.memory_usage = 100 - percent(available, static_cast<double>(*total));
}

void LinuxReader::read_power_and_heat(SystemReading& reading) const {
  for (const fs::path& zone : entries(at("sys/class/thermal"))) {
    if (!zone.filename().string().starts_with("thermal_zone")) continue;
    const auto millidegrees = number(contents(zone / "temp"));
    if (!millidegrees) continue;
    // The first zone, unless one says that it is the processor's.
    const std::string type = contents(zone / "type");
    const bool processor = type.find("cpu") != type.npos || type.find("x86_pkg") != type.npos;
    if (processor || !reading.cpu_temp) reading.cpu_temp = *millidegrees / 1000;
    if (processor) break;
  }
  for (const fs::path& supply : entries(at("sys/class/power_supply"))) {
    if (contents(supply / "type") != "Battery") continue;
    reading.battery_level = number(contents(supply / "capacity"));
    if (reading.battery_level) break;
  }
}

void LinuxReader::read_disk(SystemReading& reading) const {
  struct statvfs disk {};
  if (::statvfs(places_.disk.c_str(), &disk) == 0 && disk.f_blocks > 0) {
    const auto used = static_cast<double>(disk.f_blocks - disk.f_bfree);
    // As df does: what only root may use does not count.
    reading.disk = percent(used, used + static_cast<double>(disk.f_bavail));
    reading.disk_free = static_cast<uint64_t>(disk.f_bavail) * disk.f_frsize;
  }
  if (places_.log.empty()) return;
  std::error_code error;
  const auto size = fs::file_size(places_.log, error);
  if (!error) reading.log_size = size;
}

void LinuxReader::read_process(SystemReading& reading, SteadyTime now) {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  const double spent = seconds(used.ru_utime) + seconds(used.ru_stime);
  if (process_seconds_ && now > process_at_) {
    reading.process_cpu = percent(spent - *process_seconds_, to_seconds(now - process_at_));
  }
  process_seconds_ = spent;
  process_at_ = now;
  std::ifstream pages(at("proc/self/statm"));
  uint64_t size = 0, resident = 0;
  if (pages >> size >> resident) {
    reading.process_memory = resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  }
}

}  // namespace engine
