#include "core/mqtt/kept_message.h"

#include <chrono>
#include <cstring>
#include <limits>

namespace engine {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr uint64_t kLargestId = std::numeric_limits<int64_t>::max();
constexpr int64_t kGreatestAge = int64_t{1000} * 60 * 60 * 24 * 365 * 100;  // Milliseconds.

struct Fixed {
  uint64_t id;
  int64_t wall_ms;
  int64_t max_age_ms;
  uint8_t qos;
  uint8_t retain;
  uint8_t latest;
  uint8_t unused;
  uint32_t user_properties;
};

void put(std::string& out, const std::string& text) {
  const auto length = static_cast<uint32_t>(text.size());
  out.append(reinterpret_cast<const char*>(&length), sizeof length);
  out += text;
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  template <typename T>
  bool read(T& value) {
    if (rest_.size() < sizeof value) return false;
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return true;
  }
  bool read(std::string& text) {
    uint32_t length = 0;
    if (!read(length) || length > rest_.size()) return false;
    text.assign(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return true;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

}  // namespace

std::string encode(uint64_t id, int64_t wall_ms, const Publication& publication) {
  const Message& message = publication.message;
  const Fixed fixed{.id = id,
                    .wall_ms = wall_ms,
                    .max_age_ms = duration_cast<milliseconds>(publication.max_age).count(),
                    .qos = static_cast<uint8_t>(message.qos),
                    .retain = message.retain,
                    .latest = publication.offline == Offline::latest,
                    .unused = 0,
                    .user_properties = static_cast<uint32_t>(message.user_properties.size())};
  std::string out;
  out.reserve(sizeof fixed + 20 + message.topic.size() + message.payload.size());
  out.append(reinterpret_cast<const char*>(&fixed), sizeof fixed);
  put(out, message.topic);
  put(out, message.payload);
  put(out, message.response_topic);
  put(out, message.correlation_data);
  put(out, message.content_type);
  for (const auto& [name, value] : message.user_properties) {
    put(out, name);
    put(out, value);
  }
  return out;
}

std::optional<KeptMessage> decode_kept(std::string_view bytes) {
  Reader reader(bytes);
  Fixed fixed{};
  if (!reader.read(fixed) || fixed.qos > 2 || fixed.id > kLargestId || fixed.max_age_ms < 0 ||
      fixed.max_age_ms > kGreatestAge) {
    return std::nullopt;
  }
  KeptMessage kept{.id = fixed.id, .wall_ms = fixed.wall_ms, .publication = {}};
  kept.publication.offline = fixed.latest ? Offline::latest : Offline::queue;
  kept.publication.max_age = milliseconds(fixed.max_age_ms);
  Message& message = kept.publication.message;
  message.qos = fixed.qos;
  message.retain = fixed.retain != 0;
  bool whole = reader.read(message.topic) && reader.read(message.payload) &&
               reader.read(message.response_topic) && reader.read(message.correlation_data) &&
               reader.read(message.content_type);
  for (uint32_t i = 0; whole && i < fixed.user_properties; ++i) {
    auto& [name, value] = message.user_properties.emplace_back();
    whole = reader.read(name) && reader.read(value);
  }
  if (!whole || !reader.at_end()) return std::nullopt;
  return kept;
}

}  // namespace engine
