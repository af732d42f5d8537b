#include "bindings/host/registrations.h"

#include <algorithm>
#include <utility>

namespace engine {

Handle Registrations::add(std::unique_ptr<Registration> registration) {
  Registration& added = *registration;
  const Handle handle = entries_.add({next_order_++, staging_, std::move(registration)});
  if (!staging_) added.activate(nullptr);
  return handle;
}

void Registrations::perform(std::function<void()> action) {
  if (staging_) {
    actions_.push_back(std::move(action));
  } else {
    action();
  }
}

Registration* Registrations::find(Handle handle) {
  Entry* entry = entries_.find(handle);
  return entry ? entry->registration.get() : nullptr;
}

bool Registrations::remove(Handle handle) {
  // Taken out first: its destructor may lead back here.
  return entries_.remove(handle).has_value();
}

void Registrations::commit(Registrations* former) {
  staging_ = false;
  for (const Handle handle : in_order()) {
    Registration& registration = *entries_.find(handle)->registration;
    registration.activate(former ? former->find_by_key(registration.key()) : nullptr);
  }
}

void Registrations::perform_staged() {
  for (const auto& action : std::exchange(actions_, {})) action();
}

void Registrations::release(Which which) {
  std::vector<Handle> handles = in_order();
  for (auto handle = handles.rbegin(); handle != handles.rend(); ++handle) {
    const Entry* entry = entries_.find(*handle);
    if (!entry) continue;
    const bool retired = entry->by_main_chunk && !entry->registration->needed_after_retirement();
    if (which == Which::all || retired) entries_.remove(*handle);
  }
}

std::vector<std::string> Registrations::keys() {
  std::vector<std::string> keys;
  for (const Handle handle : in_order()) {
    std::string key = entries_.find(handle)->registration->key();
    if (!key.empty()) keys.push_back(std::move(key));
  }
  return keys;
}

std::vector<Handle> Registrations::in_order() {
  std::vector<std::pair<uint64_t, Handle>> sorted;
  entries_.each([&](Handle handle, Entry& entry) { sorted.emplace_back(entry.order, handle); });
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Handle> handles;
  for (const auto& [order, handle] : sorted) handles.push_back(handle);
  return handles;
}

Registration* Registrations::find_by_key(const std::string& key) {
  Registration* found = nullptr;
  if (key.empty()) return found;
  entries_.each([&](Handle, Entry& entry) {
    if (!found && entry.registration->key() == key) found = entry.registration.get();
  });
  return found;
}

}  // namespace engine
