#include "core/mqtt/connect_trouble.h"

#include <fmt/format.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>

namespace engine {
namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::seconds kPatience{2};

struct Reason {
  int code;
  std::string_view text;
};

// MQTT 5.0 section 2.4, those that a client can meet.
constexpr Reason kReasons[] = {
    {0x80, "unspecified error"},
    {0x81, "malformed packet"},
    {0x82, "protocol error"},
    {0x83, "implementation specific error"},
    {0x84, "protocol version not supported"},
    {0x85, "client id not valid"},
    {0x86, "wrong user name or password"},
    {0x87, "not authorized"},
    {0x88, "server unavailable"},
    {0x89, "server busy"},
    {0x8a, "banned"},
    {0x8b, "server shutting down"},
    {0x8c, "bad authentication method"},
    {0x8d, "keepalive timeout"},
    {0x8e, "another client has taken over this client id"},
    {0x8f, "topic filter invalid"},
    {0x90, "topic name invalid"},
    {0x93, "receive maximum exceeded"},
    {0x95, "packet too large"},
    {0x96, "message rate too high"},
    {0x97, "quota exceeded"},
    {0x98, "closed by an administrator"},
    {0x99, "payload format invalid"},
    {0x9a, "retain not supported"},
    {0x9b, "QoS not supported"},
    {0x9e, "shared subscriptions not supported"},
    {0x9f, "connection rate exceeded"},
    {0xa2, "wildcard subscriptions not supported"},
};

// Empty when the port answers.
std::string port_trouble(const BrokerUrl& url) {
  boost::asio::io_context io;
  boost::system::error_code error;
  const auto addresses = tcp::resolver(io).resolve(url.host, std::to_string(url.port), error);
  if (error) {
    return fmt::format("the host name '{}' cannot be resolved ({}): check the address and the DNS",
                       url.host, error.message());
  }
  tcp::socket socket(io);
  error = boost::asio::error::timed_out;
  boost::asio::async_connect(
      socket, addresses,
      [&](const boost::system::error_code& result, const tcp::endpoint&) { error = result; });
  io.run_for(kPatience);
  if (!error) return {};
  if (error == boost::asio::error::connection_refused) {
    return fmt::format(
        "connection refused: check that a broker is running there and listens on "
        "port {}",
        url.port);
  }
  return fmt::format("unreachable ({}): check the address, the network and the firewall",
                     error.message());
}

}  // namespace

std::string reason_text(int code) {
  for (const Reason& reason : kReasons) {
    if (reason.code == code) return fmt::format("{}, code {}", reason.text, code);
  }
  return fmt::format("code {}", code);
}

std::string explain_refusal(int code) {
  switch (code) {
    case 1:
    case 0x84:
      return "the broker does not speak this version of MQTT: try the other one (4 or 5)";
    case 2:
    case 0x85:
      return "the broker does not accept the client id: check it";
    case 3:
    case 0x88:
    case 0x89:
      return "the broker is unavailable at the moment, or too busy";
    case 4:
    case 5:
    case 0x86:
    case 0x87:
      return "not authorized: check user name and password, and whom the broker lets in";
    default:
      return fmt::format("the broker refuses the connection ({})", reason_text(code));
  }
}

std::string explain_unreachable(const BrokerUrl& url) {
  if (std::string trouble = port_trouble(url); !trouble.empty()) return trouble;
  if (url.tls) {
    return fmt::format(
        "the TLS handshake on port {} failed: check the CA file, the client certificate and its "
        "key, "
        "that the broker's certificate names '{}', and that this port speaks TLS",
        url.port, url.host);
  }
  return fmt::format(
      "port {} answers, but not as an MQTT broker without TLS: check the port and whether the "
      "address must begin with ssl://",
      url.port);
}

}  // namespace engine
