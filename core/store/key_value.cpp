#include "core/store/key_value.h"

#include <fmt/format.h>

#include <utility>

namespace engine {
namespace {

constexpr const char* kRead = "SELECT key, value FROM entries WHERE space = ?";
constexpr const char* kSet = "INSERT OR REPLACE INTO entries (space, key, value) VALUES (?, ?, ?)";
constexpr const char* kErase = "DELETE FROM entries WHERE space = ? AND key = ?";

}  // namespace

KeyValue::KeyValue(Store& store, std::string space, Limits limits)
    : store_(store), space_(std::move(space)), limits_(limits) {
  for (SqlRow& row : store_.load({kRead, {space_}})) {
    std::string& key = std::get<Blob>(row.at(0)).bytes;
    std::string& value = std::get<Blob>(row.at(1)).bytes;
    total_ += key.size() + value.size();
    entries_.emplace(std::move(key), std::move(value));
  }
}

const std::string* KeyValue::get(std::string_view key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second;
}

Result<void> KeyValue::set(const std::string& key, std::string value) {
  if (key.empty() || key.size() > kLargestKey) {
    return fail(fmt::format("a key of 1 to {} bytes expected, got {}", kLargestKey, key.size()));
  }
  if (value.size() > limits_.value) {
    return fail(
        fmt::format("a value of {} bytes is too large: at most {}", value.size(), limits_.value));
  }
  const auto found = entries_.find(key);
  if (found != entries_.end() && found->second == value) return {};
  const size_t before = found == entries_.end() ? 0 : key.size() + found->second.size();
  const size_t total = total_ - before + key.size() + value.size();
  if (total > limits_.total && total > total_) {
    return fail(fmt::format("no room: {} bytes are stored, of at most {}", total_, limits_.total));
  }
  total_ = total;
  store_.write({kSet, {space_, Blob{key}, Blob{value}}}, subject(key));
  entries_.insert_or_assign(key, std::move(value));
  return {};
}

bool KeyValue::erase(const std::string& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return false;
  total_ -= key.size() + found->second.size();
  store_.write({kErase, {space_, Blob{key}}}, subject(key));
  entries_.erase(found);
  return true;
}

void KeyValue::erase_all(std::string_view prefix) {
  for (const std::string& key : keys(prefix)) erase(key);
}

std::vector<std::string> KeyValue::keys(std::string_view prefix) const {
  std::vector<std::string> found;
  for (auto at = entries_.lower_bound(prefix); at != entries_.end(); ++at) {
    if (!std::string_view(at->first).starts_with(prefix)) break;
    found.push_back(at->first);
  }
  return found;
}

}  // namespace engine
