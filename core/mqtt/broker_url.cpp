#include "core/mqtt/broker_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace engine {
namespace {

struct Scheme {
  std::string_view name;
  bool tls;
  bool websocket;
  uint16_t port;
};

constexpr Scheme kSchemes[] = {
    {"tcp", false, false, 1883},  {"mqtt", false, false, 1883}, {"ssl", true, false, 8883},
    {"mqtts", true, false, 8883}, {"ws", false, true, 80},      {"wss", true, true, 443},
};

Result<uint16_t> parse_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port < 1 || port > 65535) {
    return fail(fmt::format("'{}' is not a port (1-65535)", text));
  }
  return static_cast<uint16_t>(port);
}

// `host`, `host:port`, `[::1]` or `[::1]:port`.
Result<void> parse_authority(std::string_view authority, BrokerUrl& url) {
  size_t colon;
  if (authority.starts_with('[')) {
    const size_t bracket = authority.find(']');
    if (bracket == authority.npos) return fail("the bracket of the IPv6 address is not closed");
    url.host = authority.substr(1, bracket - 1);
    authority.remove_prefix(bracket + 1);
    if (!authority.empty() && authority[0] != ':') {
      return fail(fmt::format("':port' is expected after the address, not '{}'", authority));
    }
    colon = authority.empty() ? authority.npos : 0;
  } else {
    colon = authority.find(':');
    url.host = authority.substr(0, colon);
    if (colon != authority.npos && authority.find(':', colon + 1) != authority.npos) {
      return fail("an IPv6 address needs brackets, as in tcp://[::1]:1883");
    }
  }
  if (url.host.empty()) return fail("the host is missing");
  const auto bad = std::find_if(url.host.begin(), url.host.end(), [](unsigned char c) {
    return c <= ' ' || c == 0x7f || c == '?' || c == '#';
  });
  if (bad != url.host.end()) return fail(fmt::format("'{}' is not a host name", url.host));
  if (colon == authority.npos) return {};
  const auto port = parse_port(authority.substr(colon + 1));
  if (!port) return tl::unexpected(port.error());
  url.port = *port;
  return {};
}

Result<BrokerUrl> parse(std::string_view text) {
  const size_t end = text.find("://");
  const std::string_view name = text.substr(0, end);
  const auto scheme = std::find_if(std::begin(kSchemes), std::end(kSchemes),
                                   [&](const Scheme& s) { return s.name == name; });
  if (end == text.npos || scheme == std::end(kSchemes)) {
    return fail("it must begin with tcp://, mqtt://, ssl://, mqtts://, ws:// or wss://");
  }
  BrokerUrl url{.tls = scheme->tls,
                .websocket = scheme->websocket,
                .host = {},
                .port = scheme->port,
                .path = {}};
  std::string_view authority = text.substr(end + 3);
  if (const size_t slash = authority.find('/'); slash != authority.npos) {
    if (url.websocket) url.path = authority.substr(slash);
    if (!url.websocket && slash + 1 != authority.size()) {
      return fail("only ws:// and wss:// take a path");
    }
    authority = authority.substr(0, slash);
  }
  if (authority.find('@') != authority.npos) {
    return fail("user and password are settings of their own, not part of the address");
  }
  if (auto parsed = parse_authority(authority, url); !parsed) {
    return tl::unexpected(parsed.error());
  }
  return url;
}

// What stands before an '@' may be a password: it must not get into a log.
std::string without_secrets(std::string_view text) {
  const size_t at = text.rfind('@');
  if (at == text.npos) return std::string(text);
  const size_t scheme = text.find("://");
  const size_t begin = scheme == text.npos || scheme > at ? 0 : scheme + 3;
  return fmt::format("{}***{}", text.substr(0, begin), text.substr(at));
}

}  // namespace

std::string BrokerUrl::canonical() const {
  const std::string_view scheme = websocket ? (tls ? "wss" : "ws") : (tls ? "ssl" : "tcp");
  const bool ipv6 = host.find(':') != host.npos;
  return ipv6 ? fmt::format("{}://[{}]:{}{}", scheme, host, port, path)
              : fmt::format("{}://{}:{}{}", scheme, host, port, path);
}

Result<BrokerUrl> parse_broker_url(std::string_view text) {
  auto url = parse(text);
  if (!url) {
    return fail(fmt::format("broker address '{}': {}", without_secrets(text), url.error().message));
  }
  return url;
}

}  // namespace engine
