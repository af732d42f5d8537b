#include "core/mqtt/broker_certificates.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <fstream>
#include <iterator>
#include <set>

#include "core/base/run_program.h"

namespace engine {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMonth = "2592000";  // Seconds.

// Ours, so that nothing hangs on how the system's openssl.cnf is set up.
constexpr const char* kAuthorityConfiguration =
    "[req]\ndistinguished_name = name\nx509_extensions = authority\nprompt = no\n"
    "[name]\nCN = engine broker authority\n"
    "[authority]\nbasicConstraints = critical, CA:TRUE, pathlen:0\n"
    "keyUsage = critical, keyCertSign, cRLSign\nsubjectKeyIdentifier = hash\n";

std::string server_configuration(const std::vector<std::string>& names) {
  return fmt::format(
      "[req]\ndistinguished_name = name\nprompt = no\n"
      "[name]\nCN = engine broker\n"
      "[server]\nbasicConstraints = critical, CA:FALSE\n"
      "keyUsage = critical, digitalSignature\nextendedKeyUsage = serverAuth\n"
      "subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n"
      "subjectAltName = {}\n",
      fmt::join(names, ", "));
}

std::string read(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Maker {
 public:
  explicit Maker(const fs::path& folder) : folder_(folder) {}

  Result<BrokerCertificates> run(const std::vector<std::string>& names) {
    std::error_code error;
    fs::create_directories(folder_, error);
    fs::permissions(folder_, fs::perms::owner_all, error);
    Result<void> made;
    if (!lasts("ca.crt") || read(folder_ / "ca.key").empty()) made = make_authority();
    const std::string wanted = server_configuration(names);
    // The configuration is written last: it says that the rest is there.
    if (made && (read(folder_ / "server.cnf") != wanted || !lasts("server.crt"))) {
      made = make_server(wanted);
    }
    if (!made) return tl::unexpected(made.error());
    return BrokerCertificates{file("ca.crt"), file("server.crt"), file("server.key")};
  }

 private:
  std::string file(const char* name) const { return (folder_ / name).string(); }

  bool lasts(const char* certificate) const {
    return !read(folder_ / certificate).empty() &&
           run_program(
               {"openssl", "x509", "-noout", "-checkend", kMonth, "-in", file(certificate)});
  }

  void forget(const char* name) const {
    std::error_code error;
    fs::remove(folder_ / name, error);
  }

  Result<void> write(const char* name, const std::string& text) {
    std::ofstream out(folder_ / name);
    out << text;
    out.close();
    if (out) return {};
    return fail(fmt::format("{} cannot be written", file(name)));
  }

  // `openssl WORDS...`, in a row as long as all goes well.
  Maker& openssl(std::vector<std::string> words) {
    if (!done_) return *this;
    words.insert(words.begin(), "openssl");
    if (const auto ran = run_program(words); !ran) done_ = tl::unexpected(ran.error());
    return *this;
  }

  Result<void> make_authority() {
    forget("server.cnf");
    if (auto written = write("ca.cnf", kAuthorityConfiguration); !written) return written;
    openssl({"ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", file("ca.key")});
    openssl({"req", "-x509", "-new", "-key", file("ca.key"), "-config", file("ca.cnf"), "-days",
             "3650", "-out", file("ca.crt")});
    return done_;
  }

  Result<void> make_server(const std::string& configuration) {
    forget("server.cnf");
    if (auto written = write("server.new", configuration); !written) return written;
    openssl({"ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", file("server.key")});
    openssl({"req", "-new", "-key", file("server.key"), "-config", file("server.new"), "-out",
             file("server.csr")});
    openssl({"x509", "-req", "-in", file("server.csr"), "-CA", file("ca.crt"), "-CAkey",
             file("ca.key"), "-CAcreateserial", "-days", "800", "-extfile", file("server.new"),
             "-extensions", "server", "-out", file("server.crt")});
    std::error_code error;
    if (done_) fs::rename(folder_ / "server.new", folder_ / "server.cnf", error);
    return done_;
  }

  const fs::path folder_;
  Result<void> done_;
};

// Of the interfaces that are up, but for those that come and go by the hour (IPv6 link-local).
std::set<std::string> own_addresses() {
  std::set<std::string> found;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return found;
  for (const ifaddrs* at = list; at; at = at->ifa_next) {
    if (!at->ifa_addr || !(at->ifa_flags & IFF_UP)) continue;
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = at->ifa_addr->sa_family;
    if (family == AF_INET) {
      const auto* address = reinterpret_cast<const sockaddr_in*>(at->ifa_addr);
      ::inet_ntop(family, &address->sin_addr, text.data(), text.size());
    } else if (family == AF_INET6) {
      const auto* address = reinterpret_cast<const sockaddr_in6*>(at->ifa_addr);
      if (IN6_IS_ADDR_LINKLOCAL(&address->sin6_addr)) continue;
      ::inet_ntop(family, &address->sin6_addr, text.data(), text.size());
    }
    if (text[0] != '\0') found.insert(text.data());
  }
  ::freeifaddrs(list);
  return found;
}

bool is_host_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) || c == '-' || c == '.');
  });
}

}  // namespace

Result<BrokerCertificates> make_certificates(const fs::path& folder,
                                             const std::vector<std::string>& names) {
  return Maker(folder).run(names);
}

std::vector<std::string> certificate_names(const std::string& listen) {
  std::vector<std::string> names = {"DNS:localhost", "IP:127.0.0.1"};
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) == 0 && is_host_name(host.data())) {
    const std::string name = host.data();
    names.push_back("DNS:" + name);
    if (name.find('.') == name.npos) names.push_back("DNS:" + name + ".local");
  }
  std::set<std::string> addresses;
  boost::system::error_code error;
  const auto ip = boost::asio::ip::make_address(listen, error);
  if (!error && ip.is_unspecified()) {
    addresses = own_addresses();
  } else {
    addresses.insert(listen);
  }
  addresses.erase("127.0.0.1");
  for (const std::string& address : addresses) names.push_back("IP:" + address);
  return names;
}

}  // namespace engine
