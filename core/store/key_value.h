#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/store/store.h"

namespace engine {

// Small things by name, all of them held in memory too: reading never waits for the disk. Several
// live in one store, each in a space of its own. Engine thread only; the store outlives it.
class KeyValue {
 public:
  static constexpr size_t kLargestKey = 1024;
  static constexpr size_t kLargestValue = 1024 * 1024;
  static constexpr size_t kLargestTotal = 64 * 1024 * 1024;

  struct Limits {
    size_t value = kLargestValue;
    size_t total = kLargestTotal;
  };

  // Reads the space; `space` never changes its meaning.
  KeyValue(Store& store, std::string space, Limits limits);
  KeyValue(Store& store, std::string space) : KeyValue(store, std::move(space), Limits()) {}

  // Null when there is none; valid until the next change.
  const std::string* get(std::string_view key) const;
  // Fails when a limit would be broken, and then changes nothing.
  Result<void> set(const std::string& key, std::string value);
  // False when there was none.
  bool erase(const std::string& key);
  void erase_all(std::string_view prefix);
  // In the order of their bytes.
  std::vector<std::string> keys(std::string_view prefix = {}) const;
  size_t size() const { return entries_.size(); }

 private:
  std::string subject(const std::string& key) const { return space_ + '\0' + key; }

  Store& store_;
  const std::string space_;
  const Limits limits_;
  std::map<std::string, std::string, std::less<>> entries_;
  size_t total_ = 0;  // Bytes of keys and values.
};

}  // namespace engine
