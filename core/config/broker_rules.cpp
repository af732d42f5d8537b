#include "core/config/broker_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <set>

#include "core/base/nearest.h"
#include "core/base/utf8.h"
#include "core/base/words.h"
#include "core/bus/topic.h"
#include "core/config/checks.h"
#include "core/config/text_file.h"
#include "core/mqtt/broker_files.h"

namespace engine::config {
namespace {

using Filters = std::vector<std::string>;

const std::vector<std::string> kUserKeys = {"name", "password_file", "read", "write"};

Result<std::string> check_user(std::string name) {
  if (!check_site(name)) {
    return fail(fmt::format("'{}' is not a user's name (1 to 64 letters, digits, _ - .)",
                            printable(name, 64)));
  }
  if (name == kOwnBrokerUser) {
    return fail(fmt::format("'{}' is the engine's own name", kOwnBrokerUser));
  }
  return name;
}

Result<std::string> check_user_filter(std::string filter) {
  if (filter.find("%u") != filter.npos || filter.find("%c") != filter.npos) {
    return fail(fmt::format("'{}': %u and %c stand in [broker.everyone] only", printable(filter)));
  }
  return check_pattern(std::move(filter));
}

bool knows_keys(const toml::table& table, Reader& reader) {
  bool known = true;
  for (const auto& [key, unused] : table) {
    const std::string name(key.str());
    if (std::count(kUserKeys.begin(), kUserKeys.end(), name)) continue;
    known = false;
    if (name == "password") {
      reader.refuse(key.source(),
                    "passwords are not accepted here: put it into a file of its own and name that "
                    "in password_file, or leave that out and one is generated");
      continue;
    }
    const auto meant = nearest(name, kUserKeys);
    reader.refuse(key.source(),
                  fmt::format("unknown key '{}'{}", printable(name),
                              meant ? fmt::format(", did you mean '{}'?", *meant)
                                    : "; a user has name, password_file, read and write"));
  }
  return known;
}

// False when there is such a key and its value is refused.
template <typename T, typename To>
bool read_key(const toml::table& table, const char* name, const Kind<T>& kind, Reader& reader,
              To& to) {
  const toml::node* value = table.get(name);
  if (!value) return true;
  const Reader::Step step(reader, std::string(".") + name);
  auto result = kind.read(*value, reader);
  if (!result) return false;
  to = std::move(*result);
  return true;
}

std::optional<BrokerUser> read_user(const toml::node& value, Reader& reader) {
  const toml::table* table = value.as_table();
  if (!table) {
    reader.expected(value, "{ name = \"...\", password_file = \"...\" }");
    return std::nullopt;
  }
  static const Kind<Filters> kFilters = list_of(text(check_user_filter), "a list of topic filters");
  BrokerUser user;
  bool good = knows_keys(*table, reader);
  good = read_key(*table, "name", text(check_user), reader, user.name) && good;
  good = read_key(*table, "password_file", path(), reader, user.password_file) && good;
  good = read_key(*table, "read", kFilters, reader, user.read) && good;
  good = read_key(*table, "write", kFilters, reader, user.write) && good;
  if (good && user.name.empty()) {
    reader.refuse(value, "has no name = \"...\"");
    good = false;
  }
  if (!good) return std::nullopt;
  return user;
}

std::string quoted_list(const Filters& filters) {
  Filters texts;
  for (const std::string& filter : filters) texts.push_back(quoted(filter));
  return joined(texts);
}

std::string write_user(const BrokerUser& user) {
  std::string result = "{ name = " + quoted(user.name);
  if (!user.password_file.empty()) {
    result += ", password_file = " + quoted(user.password_file.string());
  }
  if (user.read) result += ", read = " + quoted_list(*user.read);
  if (user.write) result += ", write = " + quoted_list(*user.write);
  return result + " }";
}

// Empty, or why there is no password.
std::string read_password(BrokerUser& user) {
  if (user.password_file.empty()) return "";
  const auto text = read_text_file(user.password_file);
  if (!text) return text.error().message;
  user.password = text->substr(0, text->find_first_of("\r\n"));
  if (!user.password.empty()) return "";
  return fmt::format("{}: the first line is empty", user.password_file.string());
}

}  // namespace

Kind<BrokerUser> broker_user() { return {read_user, write_user}; }

Result<std::string> check_pattern(std::string filter) {
  if (auto valid = topic::check_filter(filter); !valid) return tl::unexpected(valid.error());
  const bool control = std::any_of(filter.begin(), filter.end(),
                                   [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (control || trimmed(filter).size() != filter.size()) {
    return fail(
        fmt::format("'{}': Mosquitto's access rules have no control characters, and no "
                    "spaces at the ends",
                    printable(filter)));
  }
  return filter;
}

Result<std::string> check_ip(std::string address) {
  boost::system::error_code error;
  const auto ip = boost::asio::ip::make_address(address, error);
  if (!error && address.find('%') == address.npos) return ip.to_string();
  return fail(
      fmt::format("'{}' is not an IP address, such as 127.0.0.1, or 0.0.0.0 for all of this "
                  "machine's",
                  printable(address)));
}

std::vector<Problem> finish_broker(BrokerSettings& settings) {
  std::vector<Problem> problems;
  std::set<std::string> names;
  for (BrokerUser& user : settings.users) {
    if (!names.insert(user.name).second) {
      problems.push_back({"broker.users", fmt::format("'{}' is there twice", user.name)});
    }
    const std::string why = read_password(user);
    if (!why.empty()) problems.push_back({"broker.users", why});
  }
  if (!is_loopback(settings.listen) && settings.users.empty() && !settings.allow_anonymous) {
    problems.push_back(
        {"broker.listen",
         fmt::format("{} can be reached by other machines, so it needs [[broker.users]], or "
                     "broker.allow_anonymous = true if anybody there may send commands",
                     settings.listen)});
  }
  const BrokerSettings::Tls& tls = settings.tls;
  if (tls.generate && !tls.cert_file.empty()) {
    problems.push_back({"broker.tls.generate", "there is a broker.tls.cert_file: one of the two"});
  }
  if (tls.cert_file.empty() != tls.key_file.empty()) {
    const bool no_key = tls.key_file.empty();
    problems.push_back({no_key ? "broker.tls.cert_file" : "broker.tls.key_file",
                        no_key ? "needs broker.tls.key_file" : "needs broker.tls.cert_file"});
  }
  if (tls.require_certificate && (tls.ca_file.empty() || !tls.on())) {
    problems.push_back({"broker.tls.require_certificate",
                        "needs broker.tls.ca_file, and a certificate of the broker's own"});
  }
  if (settings.port != 0 && settings.port == settings.websockets_port) {
    problems.push_back({"broker.websockets_port", "is the same as broker.port"});
  }
  return problems;
}

}  // namespace engine::config
