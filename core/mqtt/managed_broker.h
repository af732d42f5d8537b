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
#include "core/mqtt/broker_files.h"
#include "core/mqtt/broker_settings.h"

namespace engine {

// How the engine itself connects to its own broker.
struct BrokerAccess {
  std::string url;
  std::string user = {};  // Empty: without a password.
  std::string password = {};
};

// A Mosquitto of our own: a child that keeps its retained messages, passwords and certificates in a
// folder of ours, and is started again, on the same ports, when it dies. Its lines go to the logger
// `broker`. Engine thread only.
class ManagedBroker {
 public:
  struct Options {
    std::filesystem::path folder;  // Made if missing; for its owner's eyes only.
    BrokerSettings settings = {};
    std::string program = "mosquitto";
    Duration start_patience = std::chrono::seconds{10};
  };
  struct Events {
    // It takes connections; called after every start, the first and the later ones.
    std::function<void(const BrokerAccess& access)> on_ready;
    // The first start did not succeed and is not tried again.
    std::function<void(const std::string& why)> on_failed;
  };

  // Starts it and returns without waiting for it; passwords and certificates take some 20 ms each.
  // Fails when Mosquitto (or openssl, where it is needed) is not installed or the folder cannot be
  // written. The references must outlive the broker.
  static Result<std::unique_ptr<ManagedBroker>> start(boost::asio::io_context& io, Timers& timers,
                                                      Logs& logs, Options options, Events events);
  // Stops it: within a second, usually at once.
  ~ManagedBroker();
  ManagedBroker(const ManagedBroker&) = delete;
  ManagedBroker& operator=(const ManagedBroker&) = delete;

  bool ready() const { return ready_; }
  uint16_t port() const { return ports_.port; }
  // For everybody: `tcp://127.0.0.1:1883`, `ssl://...`.
  std::string url() const;
  // `ws://...`; empty: none.
  std::string websockets_url() const;
  BrokerAccess access() const;
  // Whom clients have to trust, where the certificate is of our own making; else empty.
  const std::filesystem::path& authority() const { return authority_; }
  int pid() const { return child_ ? child_->pid() : -1; }

 private:
  ManagedBroker(boost::asio::io_context& io, Timers& timers, Logs& logs, Options options,
                Events events);
  // Certificates, passwords, access rules.
  Result<void> prepare();
  Result<void> launch();
  Result<void> write_configuration() const;
  void choose_ports();
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

  // Constant once prepared.
  BrokerPaths paths_;
  std::filesystem::path authority_;
  std::string password_;  // The engine's own.

  std::unique_ptr<ChildProcess> child_;
  BrokerPorts ports_;
  bool ready_ = false;
  bool was_ready_ = false;
  int opening_ = 0;     // The port of the listener that was spoken of last.
  int port_taken_ = 0;  // 0: none.
  int ports_tried_ = 0;
  std::string last_error_;
  SteadyTime ready_since_{};
  Backoff backoff_;
  TimerId timer_;  // The deadline of a start, or the next start.
};

}  // namespace engine
