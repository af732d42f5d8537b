#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/slot_map.h"

namespace engine {

// Something a script has put into the runtime (a subscription, a timer, a scene). The destructor
// takes it out again.
class Registration {
 public:
  virtual ~Registration() = default;
  // Puts it into the runtime. `former` is the same thing of the version of the script that this one
  // replaces, or nullptr.
  virtual void activate(Registration* former) = 0;
  // What makes it the same thing in the next version; empty: never the same.
  virtual std::string key() const { return {}; }
  // For people, where its loss in a reload is worth a word: "timer 'lights off'".
  virtual std::string title() const { return {}; }
  // False once it has done its work (a one-shot timer that fired).
  virtual bool active() const { return true; }
  // True for what must stay although a new version has taken over (a scene played to its end).
  virtual bool needed_after_retirement() const { return false; }
};

// What one version of one script has registered, by handle. While the main chunk runs,
// registrations are staged: they take effect together at `commit`, or never.
class Registrations {
 public:
  Registrations() = default;
  ~Registrations() { release(Which::all); }
  Registrations(const Registrations&) = delete;
  Registrations& operator=(const Registrations&) = delete;

  Handle add(std::unique_ptr<Registration> registration);
  // Does it at commit while staging, else at once: for actions, such as publishing, in a main
  // chunk.
  void perform(std::function<void()> action);
  Registration* find(Handle handle);
  bool remove(Handle handle);

  bool staging() const { return staging_; }
  // Activates all that is staged, in the order of registration.
  void commit(Registrations* former);
  // Performs the staged actions; after `commit`.
  void perform_staged();

  enum class Which {
    all,
    retired,  // What the main chunk registered, but what is still needed: the rest belongs to a
              // performance that is played to its end.
  };
  // Those that can be the same thing in another version, in the order of registration.
  std::vector<std::string> keys();

  // In reverse order of registration.
  void release(Which which);
  size_t size() const { return entries_.size(); }
  // The first with that key, or nullptr.
  Registration* find_by_key(const std::string& key);

  // Every registration of type T, in the order of registration.
  template <typename T>
  std::vector<T*> of_type() {
    std::vector<T*> found;
    for (const Handle handle : in_order()) {
      if (T* registration = dynamic_cast<T*>(find(handle))) found.push_back(registration);
    }
    return found;
  }

 private:
  struct Entry {
    uint64_t order;
    bool by_main_chunk;
    std::unique_ptr<Registration> registration;
  };
  std::vector<Handle> in_order();

  SlotMap<Entry> entries_;
  std::vector<std::function<void()>> actions_;
  uint64_t next_order_ = 0;
  bool staging_ = true;
};

}  // namespace engine
