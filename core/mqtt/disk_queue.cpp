#include "core/mqtt/disk_queue.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace engine {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr const char* kRead =
    "SELECT id, time, max_age, topic, payload, qos, retain, latest, properties FROM outgoing "
    "ORDER BY id";
constexpr const char* kInsert =
    "INSERT OR REPLACE INTO outgoing (id, time, max_age, topic, payload, qos, retain, latest, "
    "properties) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kErase = "DELETE FROM outgoing WHERE id = ?";

std::string subject(uint64_t id) { return "outgoing" + std::to_string(id); }

json binary(const std::string& bytes) { return json::binary({bytes.begin(), bytes.end()}); }

std::string text(const json& value) {
  if (!value.is_binary()) return {};
  const auto& bytes = value.get_binary();
  return {bytes.begin(), bytes.end()};
}

// The MQTT 5 properties, in MessagePack: [response topic, correlation data, content type, [name,
// value, ...]]; null if there are none.
SqlValue pack_properties(const Message& message) {
  if (message.response_topic.empty() && message.correlation_data.empty() &&
      message.content_type.empty() && message.user_properties.empty()) {
    return std::monostate{};
  }
  json user = json::array();
  for (const auto& [name, value] : message.user_properties) {
    user.push_back(binary(name));
    user.push_back(binary(value));
  }
  const auto bytes =
      json::to_msgpack({binary(message.response_topic), binary(message.correlation_data),
                        binary(message.content_type), std::move(user)});
  return Blob{{bytes.begin(), bytes.end()}};
}

void unpack_properties(const SqlValue& packed, Message& message) {
  const auto* blob = std::get_if<Blob>(&packed);
  if (!blob) return;
  const json properties = json::from_msgpack(blob->bytes, true, false);
  if (!properties.is_array() || properties.size() != 4 || !properties[3].is_array()) return;
  message.response_topic = text(properties[0]);
  message.correlation_data = text(properties[1]);
  message.content_type = text(properties[2]);
  const json& user = properties[3];
  for (size_t i = 0; i + 1 < user.size(); i += 2) {
    message.user_properties.emplace_back(text(user[i]), text(user[i + 1]));
  }
}

// A damaged file may hold any number.
Duration age_from(int64_t count) {
  constexpr int64_t kLongest = milliseconds(std::chrono::years(100)).count();
  return milliseconds(std::clamp<int64_t>(count, 0, kLongest));
}

int64_t to_milliseconds(Duration d) { return std::chrono::duration_cast<milliseconds>(d).count(); }

int64_t wall_ms(const Clock& clock) { return to_milliseconds(clock.wall().time_since_epoch()); }

}  // namespace

DiskQueue::DiskQueue(Store& store, const Clock& clock, spdlog::logger& log, Find find)
    : store_(store), clock_(clock), find_(std::move(find)), crash_copy_(store, log) {
  flushing_ = store_.on_flush.connect([this] { write_unsaved(); });
}

DiskQueue::~DiskQueue() {
  store_.on_flush.disconnect(flushing_);
  write_unsaved();
}

std::vector<DiskQueue::Kept> DiskQueue::load() {
  const SteadyTime now = clock_.now();
  const int64_t wall = wall_ms(clock_);
  std::vector<Kept> kept;
  for (SqlRow& row : store_.load({kRead, {}})) {
    const auto number = [&](size_t column) { return std::get<int64_t>(row.at(column)); };
    const Duration age = age_from(wall - std::clamp<int64_t>(number(1), 0, wall));
    Publication publication;
    publication.offline = number(7) != 0 ? Offline::latest : Offline::queue;
    publication.max_age = age_from(number(2));
    Message& message = publication.message;
    message.topic = std::move(std::get<Blob>(row.at(3)).bytes);
    message.payload = std::move(std::get<Blob>(row.at(4)).bytes);
    message.qos = static_cast<int>(std::clamp<int64_t>(number(5), 0, 2));
    message.retain = number(6) != 0;
    unpack_properties(row.at(8), message);
    const auto id = static_cast<uint64_t>(number(0));
    saved_.insert(id);
    kept.push_back({id, std::move(publication), now - age});
  }
  load_crash_copy(kept);
  return kept;
}

// What was queued in the last moment of the run before.
void DiskQueue::load_crash_copy(std::vector<Kept>& kept) {
  const SteadyTime now = clock_.now();
  const int64_t wall = wall_ms(clock_);
  for (KeptMessage& left : crash_copy_.load()) {
    if (saved_.count(left.id) > 0) continue;
    const Duration age = age_from(wall - std::clamp<int64_t>(left.wall_ms, 0, wall));
    unsaved_.push_back(left.id);
    kept.push_back({left.id, std::move(left.publication), now - age});
  }
  std::sort(kept.begin(), kept.end(), [](const Kept& a, const Kept& b) { return a.id < b.id; });
  hurry();
}

void DiskQueue::add(uint64_t id) {
  if (const auto added = find_(id)) crash_copy_.add(id, wall_ms(clock_), *added->publication);
  unsaved_.push_back(id);
  if (unsaved_.size() == 1) store_.flush_within(Store::kGather);
}

void DiskQueue::erase(uint64_t id) {
  crash_copy_.erase(id);
  if (saved_.erase(id) > 0) {
    store_.write({kErase, {static_cast<int64_t>(id)}}, subject(id));
  }
}

void DiskQueue::hurry() {
  if (!unsaved_.empty()) store_.flush_within(kHurry);
}

void DiskQueue::write_unsaved() {
  const SteadyTime now = clock_.now();
  const int64_t wall = wall_ms(clock_);
  for (const uint64_t id : std::exchange(unsaved_, {})) {
    const auto current = find_(id);
    if (!current) continue;
    const Publication& publication = *current->publication;
    const Message& message = publication.message;
    saved_.insert(id);
    store_.write(
        {kInsert,
         {static_cast<int64_t>(id), wall - to_milliseconds(now - current->since),
          to_milliseconds(publication.max_age), Blob{message.topic}, Blob{message.payload},
          static_cast<int64_t>(message.qos), static_cast<int64_t>(message.retain),
          static_cast<int64_t>(publication.offline == Offline::latest), pack_properties(message)}},
        subject(id));
  }
  crash_copy_.handed_over(store_.batch());
}

}  // namespace engine
