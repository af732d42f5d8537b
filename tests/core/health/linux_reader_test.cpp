#include "core/health/linux_reader.h"

#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

// A machine made of files.
struct Machine {
  TempFolder folder;
  VirtualClock clock;
  LinuxReader reader{{.root = folder.path(), .disk = folder.path(), .log = folder.path() / "log"}};

  void file(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder / name).parent_path());
    folder.write(name, text);
  }
  SystemReading read() { return reader.read(clock); }
};

}  // namespace

TEST_CASE_METHOD(Machine, "linux reader: a machine that tells nothing") {
  const SystemReading reading = read();
  CHECK(reading.hostname.empty());
  CHECK(reading.mac.empty());
  CHECK_FALSE(reading.cpu_usage);
  CHECK_FALSE(reading.cpu_temp);
  CHECK_FALSE(reading.memory_usage);
  CHECK_FALSE(reading.load);
  CHECK_FALSE(reading.log_size);
  CHECK(reading.disk);  // Real.
}

TEST_CASE_METHOD(Machine, "linux reader: processors are busy by what has passed since") {
  file("proc/stat", "cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1 2 3\n");
  CHECK(read().cpu_usage == 20.0);  // Since the machine was started.
  file("proc/stat", "cpu  130 0 120 740 110 0 0 0 0 0\ncpu0 1 2 3\n");
  CHECK(read().cpu_usage == 50.0);
  CHECK_FALSE(read().cpu_usage);  // No time has passed.
  file("proc/stat", "nonsense");
  CHECK_FALSE(read().cpu_usage);
}

TEST_CASE_METHOD(Machine, "linux reader: names, memory, load, time, heat, battery") {
  file("proc/sys/kernel/hostname", "museum\n");
  file("etc/machine-id", "abc\n");
  file("proc/meminfo", "MemTotal:  1000 kB\nMemFree: 1 kB\nMemAvailable:   250 kB\n");
  file("proc/loadavg", "0.50 1.25 2.00 1/100 4242\n");
  file("proc/uptime", "3645.50 100.00\n");
  file("proc/self/statm", "1000 10 5 1 0 5 0\n");
  file("sys/class/thermal/thermal_zone0/type", "acpitz\n");
  file("sys/class/thermal/thermal_zone0/temp", "27800\n");
  file("sys/class/thermal/thermal_zone1/type", "cpu-thermal\n");
  file("sys/class/thermal/thermal_zone1/temp", "42300\n");
  file("sys/class/power_supply/AC/type", "Mains\n");
  file("sys/class/power_supply/BAT0/type", "Battery\n");
  file("sys/class/power_supply/BAT0/capacity", "87\n");
  file("log", "12345");
  const SystemReading reading = read();
  CHECK(reading.hostname == "museum");
  CHECK(reading.hwid == "abc");
  CHECK(reading.memory_usage == 75.0);
  CHECK(reading.memory_available == 250u * 1024);
  CHECK(reading.load == std::array<double, 3>{0.5, 1.25, 2.0});
  CHECK(reading.uptime == 3645.5);
  CHECK(reading.cpu_temp == 42.3);
  CHECK(reading.battery_level == 87.0);
  CHECK(reading.log_size == 5u);
  CHECK(reading.process_memory.value() % 10 == 0);
  file("proc/device-tree/serial-number", std::string("10000000abcdef\0", 15));
  CHECK(read().hwid == "10000000abcdef");
}

TEST_CASE_METHOD(Machine, "linux reader: the interface with the default route counts") {
  file("proc/net/route",
       "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
       "eth7\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\n"
       "eth7\t00000000\t0100A8C0\t0003\t0\t0\t600\t00000000\n"
       "wlan7\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\n");
  file("sys/class/net/wlan7/address", "b8:27:eb:c3:d4:e5\n");
  file("proc/net/wireless",
       "Inter-| sta-|   Quality        |\n face | tus | link level noise |\n"
       " wlan7: 0000   54.  -56.  -256        0      0      0      0      0        0\n");
  const SystemReading reading = read();
  CHECK(reading.mac == "b8:27:eb:c3:d4:e5");
  CHECK(reading.wifi_rssi == -56.0);
  CHECK(reading.ip.empty());  // There is no such interface here.
}

TEST_CASE("linux reader: this machine, in little time") {
  LinuxReader reader({.disk = "/", .log = {}});
  const SystemClock clock;
  const SystemReading reading = reader.read(clock);
  CHECK_FALSE(reading.hostname.empty());
  CHECK(reading.memory_usage.value() > 0);
  CHECK(reading.memory_usage.value() < 100);
  CHECK(reading.disk.value() >= 0);
  CHECK(reading.uptime.value() > 0);
  CHECK(reading.process_memory.value() > 1'000'000);
}
