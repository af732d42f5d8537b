#include "core/web/access.h"

#include <boost/asio/ip/address.hpp>

namespace engine::web {
namespace {

constexpr std::string_view kBearer = "Bearer ";

// In a time that does not tell how much of it is right.
bool same_secret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return difference == 0;
}

std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

}  // namespace

int Access::check(const Headers& headers) const {
  if (by_file_mode) return 0;
  const bool foreign =
      !headers.origin.empty() && headers.origin != "http://" + std::string(headers.host);
  if (foreign) return 403;
  if (token.empty()) return is_loopback_name(headers.host) ? 0 : 403;
  const bool bearer = headers.authorization.starts_with(kBearer);
  return bearer && same_secret(headers.authorization.substr(kBearer.size()), token) ? 0 : 401;
}

bool is_loopback_name(std::string_view host) {
  host = without_port(host);
  if (host == "localhost") return true;
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(host), error);
  return !error && address.is_loopback();
}

}  // namespace engine::web
