#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/logging.h"
#include "core/base/result.h"
#include "core/base/signal.h"
#include "core/base/timers.h"
#include "core/bus/message.h"

namespace engine {

enum class Presence { unknown, offline, online, updating };

struct Device {
  std::string id;
  Presence presence = Presence::unknown;
  // A retained `online` says that the device was online once: presence stays unknown, this is true.
  bool was_online = false;
  WallTime first_seen{};
  WallTime last_seen{};  // By a live message on the status topic.
  SteadyTime last_seen_at{};
  WallTime changed{};  // When presence changed last.
  int outages = 0;     // Times it went away: to offline from online, updating, or "was online".
};

struct DeviceOptions {
  // Topic filters with one `+`, which stands for the device's id.
  std::vector<std::string> status_filters = {"devices/+/status"};
  // A device that says nothing for this long counts as offline; nullopt: never.
  std::optional<Duration> timeout = std::nullopt;
};

// What is wrong with these options, for whoever wrote the configuration.
Result<void> check(const DeviceOptions& options);

// Which devices are there, by what they say themselves (`online offline updating`, retained and
// sent as last will). Logs to mqtt_devices. Engine thread only.
//
// A retained message is the last word the broker has of a device. A retained `online` or `updating`
// may be older than the device's death, so it leaves presence as it is; a retained `offline` is
// believed, since a device that had come back would have replaced it.
class DeviceRegistry {
 public:
  // Of a flood of new ids, this many are kept; a longer id is not kept either.
  static constexpr size_t kMostDevices = 10'000;
  static constexpr size_t kLongestId = 256;

  DeviceRegistry(Timers& timers, DeviceOptions options, Logs& logs);
  ~DeviceRegistry();
  DeviceRegistry(const DeviceRegistry&) = delete;
  DeviceRegistry& operator=(const DeviceRegistry&) = delete;

  // True when the message was presence: a status topic with a presence word (in any case, white
  // space around it ignored). Anything else on a status topic is feedback, and not ours, but shows
  // that the device is alive.
  bool handle(const Message& message);
  // Any message from a device shows that it is alive: restarts its timeout. One that had gone
  // offline by silence alone is online again.
  void touch(const std::string& id);

  // In the order of their ids.
  std::vector<Device> all() const;
  std::optional<Device> find(const std::string& id) const;
  // Forgets every device, and says nothing of it.
  void clear();

  // After a change of presence, also one by timeout: the device as it is now, and what it was.
  Signal<const Device&, Presence> on_change;

  const DeviceOptions& options() const { return options_; }

 private:
  struct Entry {
    Device device;
    SteadyTime heard_at{};
    TimerId silence;        // Looks when the device may have been silent for too long.
    bool silenced = false;  // Offline by timeout, not by its own word.
  };

  std::optional<std::string> status_of(const Message& message) const;
  Entry* entry_of(const std::string& id);
  void live(Entry& entry, Presence said);
  void retained(Entry& entry, Presence said);
  void heard(Entry& entry);
  void check_silence(const std::string& id);
  void change(Entry& entry, Presence presence);

  Timers& timers_;
  const DeviceOptions options_;
  spdlog::logger& log_;
  std::map<std::string, Entry> entries_;
  bool warned_of_flood_ = false;
};

const char* to_string(Presence presence);

}  // namespace engine
