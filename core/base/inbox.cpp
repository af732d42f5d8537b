#include "core/base/inbox.h"

#include <utility>

namespace engine {

void Inbox::post(Task task) {
  bool was_empty;
  {
    const std::lock_guard lock(mutex_);
    was_empty = tasks_.empty();
    tasks_.push_back(std::move(task));
  }
  if (was_empty) wake_();
}

void Inbox::drain(const std::function<void(const Task&)>& run) {
  {
    const std::lock_guard lock(mutex_);
    running_.swap(tasks_);
  }
  for (const Task& task : running_) run(task);
  running_.clear();
}

}  // namespace engine
