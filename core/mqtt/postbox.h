#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "core/base/inbox.h"

namespace engine {

// An Inbox that may go away before those who post into it: a library's thread can outlive the
// engine when it hangs in a name look-up. What is posted after `close` is forgotten.
class Postbox {
 public:
  explicit Postbox(Inbox& inbox) : inbox_(&inbox) {}

  // Any thread.
  void post(Inbox::Task task) {
    const std::lock_guard lock(mutex_);
    if (inbox_) inbox_->post(std::move(task));
  }
  // Engine thread.
  void close() {
    const std::lock_guard lock(mutex_);
    inbox_ = nullptr;
  }

 private:
  std::mutex mutex_;
  Inbox* inbox_;  // Guarded by mutex_.
};

}  // namespace engine
