#include "core/config/listen_address.h"

#include <boost/asio/ip/address.hpp>
#include <charconv>

namespace engine {

std::optional<ListenAddress> parse_listen(const std::string& text) {
  const size_t colon = text.rfind(':');
  if (colon == text.npos) return std::nullopt;
  ListenAddress address{.host = text.substr(0, colon)};
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  } else if (address.host.find(':') != text.npos) {
    return std::nullopt;  // An IPv6 address without brackets: where it ends is a guess.
  }
  const char* const end = text.data() + text.size();
  const auto port = std::from_chars(text.data() + colon + 1, end, address.port);
  const bool in_range = address.port >= 0 && address.port <= 65'535;
  if (port.ec != std::errc{} || port.ptr != end || !in_range) return std::nullopt;
  boost::system::error_code error;
  const auto ip = boost::asio::ip::make_address(address.host, error);
  if (error) return std::nullopt;
  address.loopback = ip.is_loopback();
  return address;
}

}  // namespace engine
