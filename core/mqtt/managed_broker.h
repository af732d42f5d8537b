#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/base/child_process.h"
#include "core/base/logging.h"
#include "core/base/result.h"
#include "core/base/timers.h"
#include "core/mqtt/backoff.h"

namespace engine {

// A Mosquitto of our own: a child that listens on a free port of the loopback interface, keeps its
// retained messages in a folder of ours, and is started again, on the same port, when it dies. Its
// lines go to the logger `broker`. Engine thread only.
class ManagedBroker {
 public:
  struct Options {
    std::filesystem::path folder;  // Made if missing; configuration and persistence go there.
    int port = 0;                  // 0: any free one.
    std::string program = "mosquitto";
    Duration start_patience = std::chrono::seconds{10};
  };
  struct Events {
    // It takes connections at `url`; called after every start, the first and the later ones.
    std::function<void(const std::string& url)> on_ready;
    // The first start did not succeed and is not tried again.
    std::function<void(const std::string& why)> on_failed;
  };

  // Starts it and returns at once. Fails when Mosquitto is not installed or the folder cannot be
  // written. The references must outlive the broker.
  static Result<std::unique_ptr<ManagedBroker>> start(boost::asio::io_context& io, Timers& timers,
                                                      Logs& logs, Options options, Events events);
  // Stops it: within a second, usually at once.
  ~ManagedBroker();
  ManagedBroker(const ManagedBroker&) = delete;
  ManagedBroker& operator=(const ManagedBroker&) = delete;

  bool ready() const { return ready_; }
  uint16_t port() const { return port_; }
  std::string url() const;
  int pid() const { return child_ ? child_->pid() : -1; }

 private:
  ManagedBroker(boost::asio::io_context& io, Timers& timers, Logs& logs, Options options,
                Events events);
  Result<void> launch();
  Result<void> write_configuration() const;
  void on_line(const std::string& line);
  void on_exit(int status);
  void on_slow_start();
  // It ended before it was ever ready.
  void start_elsewhere(const std::string& why);
  void restart_later(const std::string& why);

  // Constant after construction.
  boost::asio::io_context& io_;
  Timers& timers_;
  spdlog::logger& log_;
  const Options options_;
  const Events events_;

  std::unique_ptr<ChildProcess> child_;
  uint16_t port_ = 0;
  bool ready_ = false;
  bool was_ready_ = false;
  bool port_taken_ = false;
  int ports_tried_ = 0;
  std::string last_error_;
  SteadyTime ready_since_{};
  Backoff backoff_;
  TimerId timer_;  // The deadline of a start, or the next start.
};

}  // namespace engine
