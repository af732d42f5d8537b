#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/base/slot_map.h"

namespace engine {

// Listeners to an event, called in the order of their slots. A listener may remove itself or
// others, or add some, while it is called. Engine thread only.
template <typename... Args>
class Signal {
 public:
  using Listener = std::function<void(Args...)>;

  Handle connect(Listener listener) {
    return listeners_.add(std::make_shared<const Listener>(std::move(listener)));
  }
  bool disconnect(Handle id) { return listeners_.remove(id).has_value(); }

  void emit(Args... args) {
    std::vector<Handle> ids;
    listeners_.each([&](Handle id, auto&) { ids.push_back(id); });
    for (const Handle id : ids) {
      const auto* found = listeners_.find(id);
      if (!found) continue;
      const auto listener = *found;
      (*listener)(args...);
    }
  }
  size_t size() const { return listeners_.size(); }

 private:
  SlotMap<std::shared_ptr<const Listener>> listeners_;
};

}  // namespace engine
