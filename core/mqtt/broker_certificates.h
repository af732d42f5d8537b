#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace engine {

struct BrokerCertificates {
  std::filesystem::path authority;  // What clients are given, to trust.
  std::filesystem::path certificate;
  std::filesystem::path key;
};

// A certificate authority of our own (10 years) and a server certificate by it (800 days) for
// `names`, as OpenSSL writes them: `DNS:museum.local`, `IP:192.168.0.10`. Both are kept in
// `folder`; the server's is made anew when the names are others, or when it has less than 30 days
// left. Made by the openssl program; blocks for some 100 ms then, else for 20.
Result<BrokerCertificates> make_certificates(const std::filesystem::path& folder,
                                             const std::vector<std::string>& names);

// Those under which this machine can be reached, `listen` among them.
std::vector<std::string> certificate_names(const std::string& listen);

}  // namespace engine
