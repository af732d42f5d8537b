#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <future>
#include <memory>
#include <thread>

#include "core/base/clock.h"

namespace engine {

// A thread for calls that may block. Tasks run in order and must not throw. Made and destroyed on
// the engine thread.
class BackgroundWorker {
 public:
  BackgroundWorker();
  // Runs what was posted to its end, and waits for that as long as `patience`. A task that hangs
  // longer is left behind with its thread; what it captured lives until it returns.
  void finish(Duration patience);
  ~BackgroundWorker() { finish(Duration::zero()); }
  BackgroundWorker(const BackgroundWorker&) = delete;
  BackgroundWorker& operator=(const BackgroundWorker&) = delete;

  // Any thread may post to it (boost::asio::post), also after the worker is gone: then the task
  // does not run.
  std::shared_ptr<boost::asio::io_context> queue() const { return queue_; }

 private:
  std::shared_ptr<boost::asio::io_context> queue_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> open_;
  std::future<void> finished_;
  std::thread thread_;
};

}  // namespace engine
