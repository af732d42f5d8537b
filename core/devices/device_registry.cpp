#include "core/devices/device_registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/utf8.h"
#include "core/base/words.h"
#include "core/bus/topic.h"

namespace engine {
namespace {

std::optional<Presence> presence_word(std::string_view payload) {
  const std::string_view word = trimmed(payload);
  for (const Presence presence : {Presence::online, Presence::offline, Presence::updating}) {
    if (same_word(word, to_string(presence))) return presence;
  }
  return {};
}

bool is_here(Presence presence) {
  return presence == Presence::online || presence == Presence::updating;
}

// Whether it was taken to be there, so that its going is news.
bool believed_here(const Device& device) {
  return is_here(device.presence) || (device.presence == Presence::unknown && device.was_online);
}

}  // namespace

Result<void> check(const DeviceOptions& options) {
  for (const std::string& filter : options.status_filters) {
    const std::string shown = printable(filter, 80);
    if (auto checked = topic::check_filter(filter); !checked) return checked;
    const auto levels = topic::levels(filter);
    if (std::count(levels.begin(), levels.end(), "+") != 1 || levels.back() == "#") {
      return fail(
          fmt::format("status filter '{}': exactly one level must be '+', for the device's "
                      "id, and none '#'",
                      shown));
    }
  }
  if (options.timeout && *options.timeout <= Duration::zero()) {
    return fail(fmt::format("timeout: {} s is not a positive time", to_seconds(*options.timeout)));
  }
  return {};
}

DeviceRegistry::DeviceRegistry(Timers& timers, DeviceOptions options, Logs& logs)
    : timers_(timers), options_(std::move(options)), log_(logs.get("mqtt_devices")) {}

DeviceRegistry::~DeviceRegistry() { clear(); }

bool DeviceRegistry::handle(const Message& message) {
  const auto id = status_of(message);
  if (!id) return false;
  const auto said = presence_word(message.payload);
  if (!said) {
    if (!message.retain) touch(*id);
    return false;
  }
  Entry* entry = entry_of(*id);
  if (!entry) return true;
  log_.debug("Device {} status: {}{}", printable(*id), to_string(*said),
             message.retain ? " (retained)" : "");
  if (message.retain) {
    retained(*entry, *said);
  } else {
    live(*entry, *said);
  }
  return true;
}

void DeviceRegistry::touch(const std::string& id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  heard(found->second);
  if (std::exchange(found->second.silenced, false)) change(found->second, Presence::online);
}

std::vector<Device> DeviceRegistry::all() const {
  std::vector<Device> result;
  for (const auto& [id, entry] : entries_) result.push_back(entry.device);
  return result;
}

std::optional<Device> DeviceRegistry::find(const std::string& id) const {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return {};
  return found->second.device;
}

void DeviceRegistry::clear() {
  for (const auto& [id, entry] : entries_) timers_.cancel(entry.silence);
  entries_.clear();
  warned_of_flood_ = false;
}

std::optional<std::string> DeviceRegistry::status_of(const Message& message) const {
  for (const std::string& filter : options_.status_filters) {
    if (!topic::matches(filter, message.topic)) continue;
    const auto captures = topic::captures(filter, message.topic);
    if (!captures.empty() && !captures[0].empty()) return std::string(captures[0]);
  }
  return {};
}

DeviceRegistry::Entry* DeviceRegistry::entry_of(const std::string& id) {
  const auto found = entries_.find(id);
  if (found != entries_.end()) return &found->second;
  if (entries_.size() >= kMostDevices || id.size() > kLongestId) {
    if (!std::exchange(warned_of_flood_, true)) {
      log_.warn(
          "Device {} is not registered: at most {} devices, with ids of at most {} bytes, are; "
          "others will be passed over in silence",
          printable(id, 80), kMostDevices, kLongestId);
    }
    return nullptr;
  }
  Entry entry;
  entry.device.id = id;
  entry.device.first_seen = timers_.clock().wall();
  return &entries_.emplace(id, std::move(entry)).first->second;
}

void DeviceRegistry::live(Entry& entry, Presence said) {
  entry.device.last_seen = timers_.clock().wall();
  entry.device.last_seen_at = timers_.clock().now();
  heard(entry);
  entry.silenced = false;
  change(entry, said);
}

void DeviceRegistry::retained(Entry& entry, Presence said) {
  if (!is_here(said)) {
    entry.silenced = false;
    return change(entry, said);
  }
  entry.device.was_online = true;
  if (entry.device.presence == Presence::unknown) heard(entry);
}

void DeviceRegistry::heard(Entry& entry) {
  entry.heard_at = timers_.clock().now();
  // One timer per device, however many messages come: it looks again when it fires.
  if (!options_.timeout || timers_.active(entry.silence)) return;
  entry.silence =
      timers_.after(*options_.timeout, [this, id = entry.device.id] { check_silence(id); });
}

void DeviceRegistry::check_silence(const std::string& id) {
  Entry& entry = entries_.at(id);
  const SteadyTime deadline = entry.heard_at + *options_.timeout;
  if (entry.device.presence == Presence::offline) return;
  if (timers_.clock().now() < deadline) {
    entry.silence = timers_.at(deadline, [this, id] { check_silence(id); });
    return;
  }
  log_.debug("Device {} status: silent for {:.3f}s", printable(id), to_seconds(*options_.timeout));
  entry.silenced = true;
  change(entry, Presence::offline);
}

void DeviceRegistry::change(Entry& entry, Presence presence) {
  Device& device = entry.device;
  const Presence before = device.presence;
  if (presence == before) return;
  if (is_here(presence) && !is_here(before)) log_.info("Device {} connected", printable(device.id));
  if (presence == Presence::offline && believed_here(device)) {
    ++device.outages;
    log_.warn("Device {} disconnected", printable(device.id));
  }
  device.presence = presence;
  device.was_online = device.was_online || is_here(presence);
  device.changed = timers_.clock().wall();
  const Device copy = device;  // A listener may clear the registry.
  on_change.emit(copy, before);
}

const char* to_string(Presence presence) {
  switch (presence) {
    case Presence::offline:
      return "offline";
    case Presence::online:
      return "online";
    case Presence::updating:
      return "updating";
    case Presence::unknown:
      break;
  }
  return "unknown";
}

}  // namespace engine
