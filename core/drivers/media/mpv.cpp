#include "core/drivers/media/mpv.h"

#include <fmt/format.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <istream>
#include <map>
#include <utility>

#include "core/base/child_process.h"

namespace engine {

using boost::asio::local::stream_protocol;
using ErrorCode = boost::system::error_code;

namespace {

constexpr size_t kLongestLine = 256 * 1024;
constexpr Duration kConnectPause = std::chrono::milliseconds{10};
constexpr Duration kStartTime = std::chrono::seconds{15};
constexpr Duration kAnswerTime = std::chrono::seconds{5};  // As the museum's controller had it.
constexpr Duration kExitTime = std::chrono::seconds{2};
constexpr Duration kGrace = std::chrono::milliseconds{100};

std::vector<std::string> command_line(const Mpv::Options& options) {
  std::vector<std::string> command = {
      options.program,
      "--no-config",
      "--idle=yes",
      "--input-terminal=no",
      "--input-default-bindings=no",
      "--input-media-keys=no",
      "--quiet",
      "--msg-level=all=warn",
      "--osc=no",
      "--osd-level=0",
      "--ytdl=no",
      "--load-scripts=no",
      "--autoload-files=no",
      "--access-references=no",
      // With gapless playback, mpv calls a file ended while up to a second of it is still to sound.
      "--gapless-audio=no",
      "--input-ipc-server=" + options.socket.string(),
  };
  command.insert(command.end(), options.arguments.begin(), options.arguments.end());
  return command;
}

std::string describe(int status, const std::string& last_line) {
  const std::string how = status > 128 ? fmt::format("was killed by signal {}", status - 128)
                                       : fmt::format("ended with status {}", status);
  return last_line.empty() || status == 0 ? how : fmt::format("{} ({})", how, last_line);
}

}  // namespace

class Mpv::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(boost::asio::io_context& io, Timers& timers, Options options)
      : io_(io), timers_(timers), options_(std::move(options)), socket_(io) {}

  Result<void> start() {
    auto child = ChildProcess::start(
        io_, {.command = command_line(options_),
              .on_line = [this](const std::string& line) { on_line(line); },
              .on_exit = [this](int status) { finish(describe(status, last_line_)); }});
    if (!child) return tl::unexpected(child.error());
    child_ = std::move(*child);
    expect_answer(kStartTime, "did not open its socket within 15 s");
    connect();
    return {};
  }

  void close(int patience_ms) {
    closed_ = true;
    timers_.cancel(retry_);
    timers_.cancel(deadline_);
    ErrorCode ignored;
    socket_.close(ignored);
    if (child_) child_->stop(patience_ms);
    child_.reset();
  }

  void send(nlohmann::json command, Reply on_reply) {
    if (closed_) return;
    const int64_t id = ++last_request_;
    outgoing_ += mpv::encode(id, command);
    replies_[id] = std::move(on_reply);
    if (connected_) expect_answer(kAnswerTime, "did not answer within 5 s");
    write();
  }

 private:
  void connect() {
    stream_protocol::socket attempt(io_);
    ErrorCode error;
    attempt.connect(stream_protocol::endpoint(options_.socket.string()), error);
    if (error) {
      retry_ = timers_.after(kConnectPause, [this] { connect(); });
      return;
    }
    socket_ = std::move(attempt);
    connected_ = true;
    timers_.cancel(deadline_);
    if (!replies_.empty()) expect_answer(kAnswerTime, "did not answer within 5 s");
    read();
    write();
  }

  void write() {
    if (!connected_ || !writing_.empty() || outgoing_.empty()) return;
    writing_.swap(outgoing_);
    boost::asio::async_write(socket_, boost::asio::buffer(writing_),
                             [self = shared_from_this()](const ErrorCode& error, size_t) {
                               if (self->closed_) return;
                               self->writing_.clear();
                               if (error) return self->disconnected();
                               self->write();
                             });
  }

  void read() {
    boost::asio::async_read_until(socket_, incoming_, '\n',
                                  [self = shared_from_this()](const ErrorCode& error, size_t) {
                                    if (!self->closed_) self->on_read(error);
                                  });
  }

  void on_read(const ErrorCode& error) {
    if (error) return disconnected();
    std::istream stream(&incoming_);
    std::string line;
    std::getline(stream, line);
    handle(mpv::decode(line));
    if (!closed_) read();
  }

  void handle(const mpv::Line& line) {
    if (const auto* reply = std::get_if<mpv::Reply>(&line)) return handle(*reply);
    if (const auto* end = std::get_if<mpv::EndFile>(&line)) options_.on_end_file(*end);
    if (std::holds_alternative<mpv::FileLoaded>(line)) options_.on_file_loaded();
    if (const auto* change = std::get_if<mpv::PropertyChange>(&line)) options_.on_property(*change);
  }

  void handle(const mpv::Reply& reply) {
    auto waiting = replies_.extract(reply.request_id);
    timers_.cancel(deadline_);
    if (!replies_.empty()) expect_answer(kAnswerTime, "did not answer within 5 s");
    if (!waiting.empty() && waiting.mapped()) waiting.mapped()(reply);
  }

  void on_line(const std::string& line) {
    last_line_ = line;
    options_.on_line(line);
  }

  // One deadline serves all: mpv answers in order.
  void expect_answer(Duration within, const char* otherwise) {
    if (timers_.active(deadline_)) return;
    deadline_ = timers_.after(within, [this, otherwise] {
      // If it was this thread that slept, the answer is there to be read.
      deadline_ = timers_.after(kGrace, [this, otherwise] { finish(otherwise); });
    });
  }

  // Mostly mpv is about to end, and how it ended says more.
  void disconnected() {
    connected_ = false;
    timers_.cancel(deadline_);
    expect_answer(kExitTime, "closed its socket");
  }

  void finish(const std::string& how) {
    const auto self = shared_from_this();  // on_exit may destroy the Mpv.
    close(0);                              // It has ended, or hangs.
    options_.on_exit(how);
  }

  // Constant after construction.
  boost::asio::io_context& io_;
  Timers& timers_;
  const Options options_;
  // Engine thread only.
  std::unique_ptr<ChildProcess> child_;
  stream_protocol::socket socket_;
  boost::asio::streambuf incoming_{kLongestLine};
  std::string outgoing_;  // To be written after writing_.
  std::string writing_;
  std::map<int64_t, Reply> replies_;  // Of commands that are not answered yet.
  int64_t last_request_ = 0;
  std::string last_line_;
  TimerId retry_;
  TimerId deadline_;
  bool connected_ = false;
  bool closed_ = false;
};

Result<std::unique_ptr<Mpv>> Mpv::start(boost::asio::io_context& io, Timers& timers,
                                        Options options) {
  auto impl = std::make_shared<Impl>(io, timers, std::move(options));
  if (auto started = impl->start(); !started) return tl::unexpected(started.error());
  return std::unique_ptr<Mpv>(new Mpv(std::move(impl)));
}

Mpv::~Mpv() { impl_->close(200); }

void Mpv::send(nlohmann::json command, Reply on_reply) {
  impl_->send(std::move(command), std::move(on_reply));
}

}  // namespace engine
