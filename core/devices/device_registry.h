#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/logging.h"
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
  WallTime last_seen{};      // By a live message on the status topic.
  SteadyTime last_seen_at{};
  WallTime changed{};        // When presence changed last.
  int outages = 0;           // Times it went from online (or updating) to offline.
};

struct DeviceOptions {
  // Topic filters with one `+`, which stands for the device's id.
  std::vector<std::string> status_filters = {"devices/+/status"};
  // A device that says nothing for this long counts as offline; nullopt: never.
  std::optional<Duration> timeout;
};

// Which devices are there, by what they say themselves (`online offline updating`, retained and sent
// as last will). Logs to mqtt_devices. Engine thread only.
class DeviceRegistry {
 public:
  DeviceRegistry(Timers& timers, DeviceOptions options, Logs& logs);
  ~DeviceRegistry();

  // True when the message was presence: a status topic with a presence word (in any case, white
  // space around it ignored). Anything else on a status topic is feedback, and not ours.
  bool handle(const Message& message);
  // Any message from a device shows that it is alive: restarts its timeout.
  void touch(const std::string& id);

  // In the order of their ids.
  std::vector<Device> all() const;
  std::optional<Device> find(const std::string& id) const;
  void clear();

  // After a change of presence, also one by timeout: the device as it is now, and what it was.
  Signal<const Device&, Presence> on_change;

  const DeviceOptions& options() const;
};

const char* to_string(Presence presence);

}  // namespace engine
