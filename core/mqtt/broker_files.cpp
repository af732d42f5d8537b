#include "core/mqtt/broker_files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace engine {
namespace {

using Settings = BrokerSettings;

constexpr const char* kHeading = "# Written at every start of the engine.\n";
// What one topic or user may do; $SYS is not part of #.
constexpr const char* kEverything = "topic readwrite #\ntopic read $SYS/#\n";

std::string limit_lines(const Settings& settings) {
  if (settings.max_connections == 0) return "";
  return fmt::format("max_connections {}\n", settings.max_connections);
}

std::string tls_lines(const Settings& settings, const BrokerPaths& paths) {
  if (!settings.tls.on()) return "";
  std::string text =
      fmt::format("certfile {}\nkeyfile {}\n", paths.certificate.string(), paths.key.string());
  if (!settings.tls.ca_file.empty()) {
    text += fmt::format("cafile {}\n", settings.tls.ca_file.string());
  }
  if (settings.tls.require_certificate) text += "require_certificate true\n";
  return text;
}

std::string listener_lines(const Settings& settings, const BrokerPorts& ports,
                           const BrokerPaths& paths) {
  const std::string common = limit_lines(settings) + tls_lines(settings, paths);
  std::string text = fmt::format("listener {} {}\n{}", ports.port, settings.listen, common);
  if (settings.websockets_port != 0) {
    text += fmt::format("listener {} {}\nprotocol websockets\n{}", settings.websockets_port,
                        settings.listen, common);
  }
  if (ports.own != 0) text += fmt::format("listener {} 127.0.0.1\n", ports.own);
  return text;
}

bool anonymous_allowed(const Settings& settings) {
  return settings.allow_anonymous || !has_passwords(settings);
}

std::string filter_lines(const char* kind, const char* access,
                         const std::vector<std::string>& filters) {
  std::string text;
  for (const std::string& filter : filters) {
    text += fmt::format("{} {} {}\n", kind, access, filter);
  }
  return text;
}

}  // namespace

bool is_loopback(const std::string& address) {
  boost::system::error_code error;
  const auto ip = boost::asio::ip::make_address(address, error);
  return !error && ip.is_loopback();
}

bool has_access_rules(const Settings& settings) {
  return !settings.everyone.empty() ||
         std::any_of(settings.users.begin(), settings.users.end(),
                     [](const BrokerUser& user) { return user.confined(); });
}

bool has_passwords(const Settings& settings) {
  return !settings.users.empty() || has_access_rules(settings);
}

bool has_own_listener(const Settings& settings) {
  return settings.tls.on() || settings.max_connections != 0 || !is_loopback(settings.listen);
}

std::string mosquitto_configuration(const Settings& settings, const BrokerPorts& ports,
                                    const BrokerPaths& paths) {
  std::string text = kHeading + listener_lines(settings, ports, paths);
  text += fmt::format("allow_anonymous {}\n", anonymous_allowed(settings));
  if (!paths.passwords.empty()) {
    text += fmt::format("password_file {}\n", paths.passwords.string());
  }
  if (!paths.access.empty()) text += fmt::format("acl_file {}\n", paths.access.string());
  text +=
      "set_tcp_nodelay true\n"
      "max_queued_messages 10000\n"
      "sys_interval 10\n";
  if (settings.persistence) {
    text += fmt::format("persistence true\npersistence_location {}/\nautosave_interval {:.0f}\n",
                        paths.persistence.string(), to_seconds(settings.save_interval));
  }
  text +=
      "log_dest stderr\n"  // Its standard output is buffered when it is a pipe.
      "log_timestamp false\n"
      "log_type error\nlog_type warning\nlog_type notice\nlog_type information\n";
  // Mosquitto would become the user `mosquitto`, who may not write in a folder of root's.
  if (::geteuid() == 0) text += "user root\n";
  return text;
}

std::string mosquitto_access_rules(const Settings& settings) {
  std::string text = kHeading;
  // What stands before the first user is for clients without one.
  if (settings.allow_anonymous && settings.everyone.empty()) text += kEverything;
  text += fmt::format("\nuser {}\n{}", kOwnBrokerUser, kEverything);
  for (const BrokerUser& user : settings.users) {
    text += fmt::format("\nuser {}\n", user.name);
    if (!user.confined()) text += kEverything;
    if (user.read) text += filter_lines("topic", "read", *user.read);
    if (user.write) text += filter_lines("topic", "write", *user.write);
  }
  return text + "\n" + filter_lines("pattern", "read", settings.everyone.read) +
         filter_lines("pattern", "write", settings.everyone.write);
}

}  // namespace engine
