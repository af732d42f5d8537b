#include "core/bus/echoes.h"

#include <algorithm>
#include <functional>

namespace engine {

size_t Echoes::key_of(const Message& message) {
  const std::hash<std::string_view> hash;
  return hash(message.topic) * 31 + hash(message.payload);
}

Echoes::Ticket Echoes::expect(const Message& message) {
  const Ticket ticket{key_of(message), ++last_};
  expected_[ticket.key].push_back({ticket.number, {}});
  return ticket;
}

void Echoes::heard(Ticket ticket, Listener listener) {
  const auto found = expected_.find(ticket.key);
  if (found == expected_.end()) return;
  for (Echo& echo : found->second) {
    if (echo.number == ticket.number) echo.listeners.push_back(listener);
  }
}

bool Echoes::take(const Message& message, Listener listener) {
  const auto found = expected_.find(key_of(message));
  if (found == expected_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(),
                     [&](Echo& echo) { return std::erase(echo.listeners, listener) > 0; });
}

void Echoes::forget(Ticket ticket) {
  const auto found = expected_.find(ticket.key);
  if (found == expected_.end()) return;
  std::erase_if(found->second, [&](const Echo& echo) { return echo.number == ticket.number; });
  if (found->second.empty()) expected_.erase(found);
}

}  // namespace engine
