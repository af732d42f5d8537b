#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>

#include "core/base/inbox.h"
#include "core/base/timers.h"

namespace engine {

// The engine thread: runs descriptors (Boost.Asio), timers and the inbox in turn. Everything that
// is not thread-safe is used from inside `run` only.
class Loop {
 public:
  // `on_exception` hears what escaped a task or callback; the loop goes on.
  Loop(const Clock& clock, std::function<void(const std::exception&)> on_exception);

  // Returns after `stop`.
  void run();
  // Any thread.
  void stop();

  boost::asio::io_context& io() { return io_; }
  Timers& timers() { return timers_; }
  Inbox& inbox() { return inbox_; }

 private:
  void drain_inbox();
  void run_timers();
  void guarded(const std::function<void()>& step);
  // Arms the one operating-system timer for the earliest deadline.
  void arm();

  boost::asio::io_context io_{1};
  boost::asio::steady_timer alarm_{io_};
  SteadyTime armed_for_ = SteadyTime::max();
  Timers timers_;
  Inbox inbox_;
  const std::function<void(const std::exception&)> on_exception_;
};

}  // namespace engine
