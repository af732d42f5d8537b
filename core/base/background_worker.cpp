#include "core/base/background_worker.h"

#include <utility>

namespace engine {

BackgroundWorker::BackgroundWorker()
    : queue_(std::make_shared<boost::asio::io_context>(1)), open_(queue_->get_executor()) {
  std::promise<void> finished;
  finished_ = finished.get_future();
  thread_ = std::thread([queue = queue_, finished = std::move(finished)]() mutable {
    queue->run();
    queue.reset();
    finished.set_value();
  });
}

void BackgroundWorker::finish(Duration patience) {
  if (!thread_.joinable()) return;
  open_.reset();
  if (finished_.wait_for(patience) == std::future_status::ready) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

}  // namespace engine
