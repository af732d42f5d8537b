#include "core/mqtt/managed_broker.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <fstream>
#include <system_error>
#include <utility>

#include "core/base/utf8.h"

namespace engine {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;

constexpr int kMostPorts = 5;
// A broker that ran this long is started again without delay when it dies.
constexpr Duration kStable = 30s;

// 0 when there is none. Somebody else may take it before we do.
uint16_t free_port(boost::asio::io_context& io) {
  boost::system::error_code error;
  tcp::acceptor acceptor(io);
  acceptor.open(tcp::v4(), error);
  if (!error) acceptor.bind({boost::asio::ip::address_v4::loopback(), 0}, error);
  return error ? 0 : acceptor.local_endpoint(error).port();
}

}  // namespace

Result<std::unique_ptr<ManagedBroker>> ManagedBroker::start(boost::asio::io_context& io,
                                                            Timers& timers, Logs& logs,
                                                            Options options, Events events) {
  if (!is_installed(options.program) && !std::filesystem::exists(options.program)) {
    return fail(fmt::format("the broker '{}' is not installed: apt-get install mosquitto",
                            options.program));
  }
  std::error_code error;
  std::filesystem::create_directories(options.folder, error);
  if (error) {
    return fail(fmt::format("the broker's folder {} cannot be made: {}", options.folder.string(),
                            error.message()));
  }
  options.folder = std::filesystem::absolute(options.folder);
  std::unique_ptr<ManagedBroker> broker(
      new ManagedBroker(io, timers, logs, std::move(options), std::move(events)));
  if (auto launched = broker->launch(); !launched) return tl::unexpected(launched.error());
  return broker;
}

ManagedBroker::ManagedBroker(boost::asio::io_context& io, Timers& timers, Logs& logs,
                             Options options, Events events)
    : io_(io),
      timers_(timers),
      log_(logs.get("broker")),
      options_(std::move(options)),
      events_(std::move(events)),
      backoff_(250ms, 30s, static_cast<uint32_t>(::getpid())) {}

ManagedBroker::~ManagedBroker() { timers_.cancel(timer_); }

std::string ManagedBroker::url() const { return fmt::format("tcp://127.0.0.1:{}", port_); }

Result<void> ManagedBroker::launch() {
  if (!was_ready_) {
    port_ = options_.port != 0 ? static_cast<uint16_t>(options_.port) : free_port(io_);
    ++ports_tried_;
  }
  port_taken_ = false;
  last_error_.clear();
  const std::string file = (options_.folder / "mosquitto.conf").string();
  if (auto written = write_configuration(); !written) return written;
  auto child = ChildProcess::start(io_, {.command = {options_.program, "-c", file},
                                         .on_line = [this](auto& line) { on_line(line); },
                                         .on_exit = [this](int status) { on_exit(status); }});
  if (!child) return fail(fmt::format("the broker: {}", child.error().message));
  child_ = std::move(*child);
  timers_.cancel(timer_);
  timer_ = timers_.after(options_.start_patience, [this] { on_slow_start(); });
  log_.debug("Starting mosquitto on port {}, folder {}", port_, options_.folder.string());
  return {};
}

Result<void> ManagedBroker::write_configuration() const {
  const std::filesystem::path path = options_.folder / "mosquitto.conf";
  std::ofstream file(path);
  file << "# Written at every start of the engine.\n"
       << "listener " << port_ << " 127.0.0.1\n"
       << "allow_anonymous true\n"
       << "set_tcp_nodelay true\n"
       << "max_queued_messages 10000\n"
       << "persistence true\n"
       << "persistence_location " << options_.folder.string() << "/\n"
       << "autosave_interval 60\n"
       << "log_dest stderr\n"  // Its standard output is buffered when it is a pipe.
       << "log_timestamp false\n"
       << "log_type error\nlog_type warning\nlog_type notice\nlog_type information\n";
  // Mosquitto would become the user `mosquitto`, who may not write in a folder of root's.
  if (::geteuid() == 0) file << "user root\n";
  file.close();
  if (!file) return fail(fmt::format("{} cannot be written", path.string()));
  return {};
}

void ManagedBroker::on_line(const std::string& line) {
  const std::string text = printable(line);
  if (line.starts_with("Error")) {
    port_taken_ |= line.find("Address already in use") != line.npos;
    last_error_ = text;
    log_.log(was_ready_ || !port_taken_ ? spdlog::level::err : spdlog::level::debug, "{}", text);
  } else if (line.starts_with("Warning") && line.find("run as root") == line.npos) {
    log_.warn("{}", text);
  } else {
    log_.debug("{}", text);
  }
  // `mosquitto version 2.0.11 running`: its listeners are open.
  if (ready_ || !line.starts_with("mosquitto version") || !line.ends_with("running")) return;
  ready_ = was_ready_ = true;
  ready_since_ = timers_.clock().now();
  timers_.cancel(timer_);
  log_.info("Mosquitto is ready at {}", url());
  if (events_.on_ready) events_.on_ready(url());
}

void ManagedBroker::on_exit(int status) {
  const std::string why = last_error_.empty() ? fmt::format("mosquitto ended, status {}", status)
                                              : fmt::format("mosquitto ended ({})", last_error_);
  timers_.cancel(timer_);
  if (std::exchange(ready_, false) && timers_.clock().now() - ready_since_ >= kStable) {
    backoff_.reset();
  }
  // The child is in a call to us: it is replaced in another turn.
  if (was_ready_) return restart_later(why);
  timer_ = timers_.after(Duration::zero(), [this, why] { start_elsewhere(why); });
}

void ManagedBroker::on_slow_start() {
  const std::string why =
      fmt::format("mosquitto is not ready after {} s", to_seconds(options_.start_patience));
  child_.reset();
  if (was_ready_) return restart_later(why);
  start_elsewhere(why);
}

void ManagedBroker::start_elsewhere(const std::string& why) {
  child_.reset();
  if (port_taken_ && options_.port == 0 && ports_tried_ < kMostPorts) {
    log_.debug("Port {} was taken in between, trying another", port_);
    const auto launched = launch();
    if (launched) return;
    log_.error("{}", launched.error().message);
  }
  const std::string reason =
      port_taken_ && options_.port != 0
          ? fmt::format(
                "port {} is in use by another program: set broker.port to another one, or "
                "to 0 for any that is free",
                options_.port)
          : why;
  if (events_.on_failed) events_.on_failed(reason);
}

void ManagedBroker::restart_later(const std::string& why) {
  const Duration delay = backoff_.next();
  log_.warn("{}: starting it again in {:.1f} s", why, to_seconds(delay));
  timer_ = timers_.after(delay, [this] {
    child_.reset();
    if (auto launched = launch(); !launched) restart_later(launched.error().message);
  });
}

}  // namespace engine
