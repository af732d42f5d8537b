#pragma once

#include <functional>
#include <mutex>
#include <vector>

namespace engine {

// The way into the engine thread, and the only class of ours that several threads use at once.
// Tasks run in the order in which they were posted.
class Inbox {
 public:
  using Task = std::function<void()>;

  // `wake` is called from the posting thread when the inbox was empty: once per burst, not once per
  // task (measured: a third of the throughput).
  explicit Inbox(std::function<void()> wake) : wake_(std::move(wake)) {}

  // Any thread.
  void post(Task task);
  // Engine thread: hands each posted task to `run`, which must not throw.
  void drain(const std::function<void(const Task&)>& run);

 private:
  const std::function<void()> wake_;
  std::mutex mutex_;
  std::vector<Task> tasks_;  // Guarded by mutex_.
  // Engine thread only.
  std::vector<Task> running_;
};

}  // namespace engine
