#include "core/config/broker_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "core/base/utf8.h"

namespace engine {
namespace {

struct Scheme {
  std::string_view name;
  std::string_view normal;
  int port;
};

constexpr std::array<Scheme, 6> kSchemes = {{{"tcp", "tcp", 1883},
                                             {"mqtt", "tcp", 1883},
                                             {"ssl", "ssl", 8883},
                                             {"mqtts", "ssl", 8883},
                                             {"ws", "ws", 80},
                                             {"wss", "wss", 443}}};

constexpr std::string_view kNotInHosts = "/?#@[]\"'";

tl::unexpected<Error> not_an_address(std::string_view address, std::string_view why) {
  return fail(fmt::format("'{}' is not a broker address: {} (tcp://host:port or ssl://host:port)",
                          printable(address), why));
}

std::optional<int> to_port(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (port < 1 || port > 65535) return std::nullopt;
  return port;
}

bool is_host(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return c > 0x20 && c != 0x7f && kNotInHosts.find(static_cast<char>(c)) == kNotInHosts.npos;
  });
}

// Splits `host:port`, `host`, `[::1]:port`, `[::1]`; the port is empty when there is none.
std::pair<std::string_view, std::string_view> split_port(std::string_view rest) {
  const size_t bracket = rest.find(']');
  const size_t colon = rest.find(':', bracket == rest.npos ? 0 : bracket);
  if (colon == rest.npos) return {rest, {}};
  return {rest.substr(0, colon), rest.substr(colon + 1)};
}

}  // namespace

Result<std::string> normal_broker_address(std::string_view address) {
  if (address.empty()) return not_an_address(address, "it is empty");
  if (address.find('@') != address.npos) {
    return fail(
        "a broker address holds no user or password: give mqtt.user, and the password in "
        "mqtt.password_file or ENGINE_MQTT_PASSWORD");
  }
  std::string_view rest = address;
  const Scheme* scheme = &kSchemes[0];
  if (const size_t at = rest.find("://"); at != rest.npos) {
    const auto named = [&](const Scheme& s) { return s.name == rest.substr(0, at); };
    scheme = std::find_if(kSchemes.begin(), kSchemes.end(), named);
    if (scheme == kSchemes.end()) return not_an_address(address, "it has an unknown scheme");
    rest.remove_prefix(at + 3);
  }
  const bool has_path = scheme->normal == "ws" || scheme->normal == "wss";
  const size_t slash = rest.find('/');
  const std::string_view path = slash == rest.npos ? "" : rest.substr(slash);
  if (!has_path && path.size() > 1) return not_an_address(address, "it has a path");
  rest = rest.substr(0, slash);

  auto [host, port_text] = split_port(rest);
  std::string_view bare = host;
  if (bare.size() > 2 && bare.front() == '[' && bare.back() == ']') {
    bare = bare.substr(1, bare.size() - 2);
  }
  if (!is_host(bare)) return not_an_address(address, "it has no host name");
  const bool has_port = host.size() < rest.size();
  const auto port = has_port ? to_port(port_text) : std::optional<int>(scheme->port);
  if (!port) return fail(fmt::format("{} is not a port (1-65535)", printable(port_text)));
  return fmt::format("{}://{}:{}{}", scheme->normal, host, *port, has_path ? path : "");
}

}  // namespace engine
