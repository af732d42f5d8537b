#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace engine {

// A program we run as a child and stop with us: by the destructor, and by the kernel
// (PR_SET_PDEATHSIG) when this process is killed. Engine thread only.
class ChildProcess {
 public:
  struct Options {
    // The program (looked up in PATH and the sbin folders unless it has a slash) and its arguments.
    std::vector<std::string> command;
    // Each line the child writes to standard output or standard error, without its end.
    std::function<void(const std::string&)> on_line;
    // The child has ended by itself; `status` is the exit code, or 128 + the signal. Not called
    // once `stop` or the destructor has begun.
    std::function<void(int status)> on_exit;
  };

  // Fails when the program is not installed or cannot be started; the message names it.
  static Result<std::unique_ptr<ChildProcess>> start(boost::asio::io_context& io, Options options);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  int pid() const;
  bool running() const;
  // SIGTERM, then SIGKILL after `patience` milliseconds; returns when the child is gone.
  void stop(int patience_ms = 1000);

 private:
  class Impl;
  explicit ChildProcess(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

// Where `program` is, in PATH or the sbin folders; empty: nowhere. One with a slash is a path.
std::string find_program(const std::string& program);
bool is_installed(const std::string& program);

}  // namespace engine
