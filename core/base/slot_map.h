#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace engine {

// Names an object without pointing at it. A handle outlives its object safely: the generation of a
// reused slot differs. The default handle names nothing.
struct Handle {
  uint32_t slot = 0;
  uint32_t generation = 0;

  friend bool operator==(const Handle&, const Handle&) = default;
  explicit operator bool() const { return generation != 0; }
};

// Owns values by handle. Pointers from `find` hold until the next `add`.
template <typename T>
class SlotMap {
 public:
  Handle add(T value) {
    if (free_.empty()) {
      slots_.emplace_back();
      free_.push_back(static_cast<uint32_t>(slots_.size() - 1));
    }
    const uint32_t index = free_.back();
    free_.pop_back();
    Slot& slot = slots_[index];
    if (++slot.generation == 0) slot.generation = 1;
    slot.value = std::move(value);
    return {index, slot.generation};
  }

  T* find(Handle handle) {
    if (handle.slot >= slots_.size()) return nullptr;
    Slot& slot = slots_[handle.slot];
    return slot.value && slot.generation == handle.generation ? &*slot.value : nullptr;
  }
  const T* find(Handle handle) const { return const_cast<SlotMap*>(this)->find(handle); }

  // Takes the value out, so that its destructor runs in the caller's hands.
  std::optional<T> remove(Handle handle) {
    if (!find(handle)) return std::nullopt;
    Slot& slot = slots_[handle.slot];
    std::optional<T> taken(std::move(*slot.value));
    slot.value.reset();
    free_.push_back(handle.slot);
    return taken;
  }

  size_t size() const { return slots_.size() - free_.size(); }

  // Calls `visit(handle, value)` in slot order; `visit` must not add or remove.
  template <typename Visit>
  void each(Visit visit) {
    for (uint32_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].value) visit(Handle{i, slots_[i].generation}, *slots_[i].value);
    }
  }

 private:
  struct Slot {
    uint32_t generation = 0;
    std::optional<T> value;
  };
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
};

}  // namespace engine
