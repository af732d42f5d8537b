#include "core/mqtt/managed_broker.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <cstdlib>
#include <fstream>
#include <system_error>
#include <utility>

#include "core/base/utf8.h"
#include "core/mqtt/broker_certificates.h"
#include "core/mqtt/broker_secrets.h"

namespace engine {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;

constexpr int kMostPorts = 5;
// A broker that ran this long is started again without delay when it dies.
constexpr Duration kStable = 30s;

// Somebody else may take it before we do; fails where no port can be had.
Result<uint16_t> any_port(boost::asio::io_context& io, const std::string& address) {
  boost::system::error_code error;
  const auto ip = boost::asio::ip::make_address(address, error);
  const tcp::endpoint endpoint(ip, 0);
  tcp::acceptor acceptor(io);
  if (!error) acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.bind(endpoint, error);
  if (error) return fail(error.message());
  return acceptor.local_endpoint(error).port();
}

// 0 when there is none.
uint16_t free_port(boost::asio::io_context& io, const std::string& address) {
  return any_port(io, address).value_or(uint16_t{0});
}

Result<void> write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) return fail(fmt::format("{} cannot be written", path.string()));
  // Mosquitto warns of password and access files that others may read.
  std::error_code error;
  using std::filesystem::perms;
  std::filesystem::permissions(path, perms::owner_read | perms::owner_write, error);
  return {};
}

std::string url_of(const char* scheme, const std::string& address, int port) {
  const bool v6 = address.find(':') != std::string::npos;
  return fmt::format("{}://{}:{}", scheme, v6 ? "[" + address + "]" : address, port);
}

}  // namespace

Result<std::unique_ptr<ManagedBroker>> ManagedBroker::start(boost::asio::io_context& io,
                                                            Timers& timers, Logs& logs,
                                                            Options options, Events events) {
  if (!is_installed(options.program)) {
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
  std::filesystem::permissions(options.folder, std::filesystem::perms::owner_all, error);
  std::unique_ptr<ManagedBroker> broker(
      new ManagedBroker(io, timers, logs, std::move(options), std::move(events)));
  if (auto prepared = broker->prepare(); !prepared) return tl::unexpected(prepared.error());
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

std::string ManagedBroker::url() const {
  return url_of(options_.settings.tls.on() ? "ssl" : "tcp", options_.settings.listen, ports_.port);
}

std::string ManagedBroker::websockets_url() const {
  const BrokerSettings& settings = options_.settings;
  if (settings.websockets_port == 0) return "";
  return url_of(settings.tls.on() ? "wss" : "ws", settings.listen, settings.websockets_port);
}

BrokerAccess ManagedBroker::access() const {
  BrokerAccess access{.url = ports_.own == 0 ? url() : url_of("tcp", "127.0.0.1", ports_.own)};
  if (!password_.empty()) {
    access.user = kOwnBrokerUser;
    access.password = password_;
  }
  return access;
}

Result<void> ManagedBroker::prepare() {
  const BrokerSettings& settings = options_.settings;
  paths_ = {.persistence = options_.folder,
            .certificate = settings.tls.cert_file,
            .key = settings.tls.key_file};
  if (const auto port = any_port(io_, settings.listen); !port) {
    return fail(
        fmt::format("broker.listen: {} is no address of this machine ({}): name one that is, or "
                    "0.0.0.0 for all",
                    settings.listen, port.error().message));
  }
  if (settings.tls.generate) {
    const auto made =
        make_certificates(options_.folder / "tls", certificate_names(settings.listen));
    if (!made) return fail("its certificate: " + made.error().message);
    paths_.certificate = made->certificate;
    paths_.key = made->key;
    authority_ = made->authority;
  }
  if (has_passwords(settings)) {
    paths_.passwords = options_.folder / "passwords.mosquitto";
    auto own = write_passwords(settings, options_.folder, paths_.passwords);
    if (!own) return fail("its passwords: " + own.error().message);
    password_ = std::move(*own);
  }
  if (!has_access_rules(settings)) return {};
  paths_.access = options_.folder / "access.mosquitto";
  return write_file(paths_.access, mosquitto_access_rules(settings));
}

void ManagedBroker::choose_ports() {
  const BrokerSettings& settings = options_.settings;
  ports_.port =
      settings.port != 0 ? static_cast<uint16_t>(settings.port) : free_port(io_, settings.listen);
  if (has_own_listener(settings)) ports_.own = free_port(io_, "127.0.0.1");
  ++ports_tried_;
}

Result<void> ManagedBroker::launch() {
  if (!was_ready_) choose_ports();
  port_taken_ = 0;
  opening_ = ports_.port;
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
  log_.debug("Starting mosquitto at {}, folder {}", url(), options_.folder.string());
  return {};
}

Result<void> ManagedBroker::write_configuration() const {
  return write_file(options_.folder / "mosquitto.conf",
                    mosquitto_configuration(options_.settings, ports_, paths_));
}

void ManagedBroker::on_line(const std::string& line) {
  const std::string text = printable(line);
  // `Opening ipv4 listen socket on port 1883.`
  if (line.starts_with("Opening ")) opening_ = std::atoi(line.c_str() + line.rfind(' '));
  if (line.starts_with("Error")) {
    const bool taken = line.find("Address already in use") != line.npos ||
                       line.find("Unable to create websockets listener") != line.npos;
    if (taken) port_taken_ = opening_;
    last_error_ = text;
    log_.log(was_ready_ || port_taken_ == 0 ? spdlog::level::err : spdlog::level::debug, "{}",
             text);
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
  if (!websockets_url().empty()) log_.info("... and at {}", websockets_url());
  if (!authority_.empty()) log_.info("Its certificate is by {}", authority_.string());
  if (events_.on_ready) events_.on_ready(access());
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
  const BrokerSettings& settings = options_.settings;
  const bool free_to_choose =
      port_taken_ != settings.port && port_taken_ != settings.websockets_port;
  if (port_taken_ != 0 && free_to_choose && ports_tried_ < kMostPorts) {
    log_.debug("Port {} was taken in between, trying another", port_taken_);
    const auto launched = launch();
    if (launched) return;
    log_.error("{}", launched.error().message);
  }
  std::string reason = why;
  if (port_taken_ != 0 && port_taken_ == settings.port) {
    reason = fmt::format(
        "port {} is in use by another program: set broker.port to another one, or to 0 for any "
        "that is free",
        port_taken_);
  } else if (port_taken_ != 0 && port_taken_ == settings.websockets_port) {
    reason = fmt::format(
        "port {} is in use by another program: set broker.websockets_port to another one",
        port_taken_);
  }
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
