#include "core/base/loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <utility>

namespace engine {

Loop::Loop(const Clock& clock, std::function<void(const std::exception&)> on_exception)
    : timers_(clock),
      inbox_([this] { boost::asio::post(io_, [this] { drain_inbox(); }); }),
      on_exception_(std::move(on_exception)) {}

void Loop::run() {
  const auto work = boost::asio::make_work_guard(io_);
  while (!io_.stopped()) {
    // After a stall: what came in before a deadline counts before the deadline does.
    drain_inbox();
    run_timers();
    arm();
    guarded([this] { io_.run_one(); });
  }
}

void Loop::stop() { io_.stop(); }

void Loop::drain_inbox() {
  inbox_.drain([this](const Inbox::Task& task) {
    guarded(task);
    run_timers();  // A burst of messages must not delay a cue.
  });
}

void Loop::run_timers() {
  const auto next = timers_.next();
  if (next && *next <= timers_.clock().now()) guarded([this] { timers_.run_due(); });
}

void Loop::guarded(const std::function<void()>& step) {
  try {
    step();
  } catch (const std::exception& e) {
    on_exception_(e);
  }
}

void Loop::arm() {
  const SteadyTime next = timers_.next().value_or(SteadyTime::max());
  if (next == armed_for_) return;
  armed_for_ = next;
  alarm_.expires_at(next);
  alarm_.async_wait([this, next](const boost::system::error_code& error) {
    if (!error && armed_for_ == next) armed_for_ = SteadyTime::max();
  });
}

}  // namespace engine
