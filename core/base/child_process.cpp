#include "core/base/child_process.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/process/args.hpp>
#include <boost/process/async_pipe.hpp>
#include <boost/process/child.hpp>
#include <boost/process/extend.hpp>
#include <boost/process/io.hpp>
#include <boost/process/search_path.hpp>
#include <chrono>
#include <istream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace engine {

namespace bp = boost::process;

namespace {

constexpr size_t kLongestLine = 64 * 1024;

// Runs in the child between fork and exec: async-signal-safe calls only.
struct TieToParent : bp::extend::handler {
  explicit TieToParent(pid_t parent_pid) : parent(parent_pid) {}
  template <typename Executor>
  void on_exec_setup(Executor&) const {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(1);  // The parent died before we asked.
    ::setpgid(0, 0);                        // Ctrl-C on the terminal is for us, not for the child.
  }
  pid_t parent;
};

int exit_status(int native) {
  return WIFSIGNALED(native) ? 128 + WTERMSIG(native) : WEXITSTATUS(native);
}

}  // namespace

class ChildProcess::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(boost::asio::io_context& io, Options options)
      : options_(std::move(options)), output_(io), exited_(io) {}

  void start() {
    const std::string program = find_program(options_.command[0]);
    if (program.empty()) {
      throw std::runtime_error("is not installed (not found in PATH)");
    }
    const std::vector<std::string> arguments(options_.command.begin() + 1, options_.command.end());
    child_ = bp::child(program, bp::args(arguments), (bp::std_out & bp::std_err) > output_,
                       bp::std_in < bp::null, TieToParent(::getpid()));
    pid_ = child_.id();
    child_.detach();  // We reap it ourselves: Boost's own waiting takes SIGCHLD for the whole
                      // process.
    read_line();
  }

  void stop(int patience_ms) {
    stopping_ = true;
    if (!running()) return close();
    ::kill(pid_, SIGTERM);
    for (int waited = 0; waited < patience_ms; ++waited) {
      if (reap()) return close();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ::kill(pid_, SIGKILL);
    int native = 0;
    if (!reaped_) ::waitpid(pid_, &native, 0);
    reaped_ = true;
    close();
  }

  int pid() const { return pid_; }
  bool running() const { return !reaped_; }

 private:
  void read_line() {
    boost::asio::async_read_until(
        output_, buffer_, '\n',
        [self = shared_from_this()](const boost::system::error_code& error, size_t) {
          self->on_output(error);
        });
  }

  void on_output(const boost::system::error_code& error) {
    if (stopping_) return;
    std::istream stream(&buffer_);
    std::string line;
    if (std::getline(stream, line) && options_.on_line) options_.on_line(line);
    if (stopping_) return;
    if (!error) return read_line();
    if (error == boost::asio::error::not_found) {  // A line longer than the buffer.
      buffer_.consume(buffer_.size());
      return read_line();
    }
    wait_for_exit();
  }

  // The output is closed, so the end is near.
  void wait_for_exit() {
    if (stopping_) return;
    if (!reap()) {
      exited_.expires_after(std::chrono::milliseconds(10));
      exited_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        if (!error) self->wait_for_exit();
      });
      return;
    }
    if (options_.on_exit) options_.on_exit(status_);
  }

  bool reap() {
    int native = 0;
    if (!reaped_ && ::waitpid(pid_, &native, WNOHANG) == pid_) {
      reaped_ = true;
      status_ = exit_status(native);
    }
    return reaped_;
  }

  void close() {
    boost::system::error_code ignored;
    output_.close(ignored);
    exited_.cancel();
  }

  const Options options_;
  bp::async_pipe output_;
  boost::asio::steady_timer exited_;
  boost::asio::streambuf buffer_{kLongestLine};
  bp::child child_;
  pid_t pid_ = -1;
  int status_ = 0;
  bool reaped_ = false;
  bool stopping_ = false;
};

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(boost::asio::io_context& io,
                                                          Options options) {
  const std::string name = options.command.at(0);
  try {
    auto impl = std::make_shared<Impl>(io, std::move(options));
    impl->start();
    return std::unique_ptr<ChildProcess>(new ChildProcess(std::move(impl)));
  } catch (const std::exception& e) {
    return fail(fmt::format("{} {}", name, e.what()));
  }
}

ChildProcess::~ChildProcess() { stop(); }

int ChildProcess::pid() const { return impl_->pid(); }
bool ChildProcess::running() const { return impl_->running(); }
void ChildProcess::stop(int patience_ms) { impl_->stop(patience_ms); }

std::string find_program(const std::string& program) {
  if (program.find('/') != std::string::npos) return program;
  const auto found = bp::search_path(program);
  if (!found.empty()) return found.string();
  // The folders of daemons, which the PATH of a normal user lacks.
  return bp::search_path(program, {"/usr/local/sbin", "/usr/sbin", "/sbin"}).string();
}

bool is_installed(const std::string& program) {
  const std::string path = find_program(program);
  return !path.empty() && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace engine
