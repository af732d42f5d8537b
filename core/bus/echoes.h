#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/bus/message.h"

namespace engine {

// What subscribers here have heard while it waited for the broker, which is going to send it to
// them once more. Messages are told apart by topic and payload. Engine thread only.
class Echoes {
 public:
  // Lasts as long as the subscriber does, over reloads.
  using Listener = uint64_t;
  struct Ticket {
    size_t key = 0;
    uint64_t number = 0;  // 0: none.
    explicit operator bool() const { return number != 0; }
  };

  Ticket expect(const Message& message);
  // `listener` has heard it already.
  void heard(Ticket ticket, Listener listener);
  // True once for each time that the listener has heard such a message before.
  bool take(const Message& message, Listener listener);
  // It will not come (any more).
  void forget(Ticket ticket);
  bool empty() const { return expected_.empty(); }

 private:
  struct Echo {
    uint64_t number;
    std::vector<Listener> listeners;
  };
  static size_t key_of(const Message& message);

  std::unordered_map<size_t, std::vector<Echo>> expected_;
  uint64_t last_ = 0;
};

}  // namespace engine
