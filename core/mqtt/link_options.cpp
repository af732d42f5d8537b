#include "core/mqtt/link_options.h"

#include <fmt/format.h>

#include <fstream>

#include "core/base/utf8.h"
#include "core/bus/topic.h"
#include "core/mqtt/broker_url.h"

namespace engine {
namespace {

constexpr size_t kLongestText = 65535;  // MQTT 5.0 section 1.5.4.

Result<void> check_text(std::string_view what, const std::string& text) {
  if (text.size() <= kLongestText && is_utf8(text) && text.find('\0') == text.npos) return {};
  return fail(fmt::format("{} '{}' must be UTF-8 text of at most {} bytes without NUL", what,
                          printable(text, 40), kLongestText));
}

Result<void> check_file(std::string_view what, const std::string& path) {
  if (path.empty() || std::ifstream(path).peek() != std::ifstream::traits_type::eof()) return {};
  return fail(fmt::format("{} '{}' cannot be read or is empty", what, path));
}

Result<void> check_range(std::string_view what, long long value, long long least, long long most) {
  if (value >= least && value <= most) return {};
  return fail(fmt::format("{}: {} is not in {}-{}", what, value, least, most));
}

Result<void> check_at_least(std::string_view what, Duration value, Duration least) {
  if (value >= least) return {};
  return fail(
      fmt::format("{}: {} s is less than {} s", what, to_seconds(value), to_seconds(least)));
}

Result<void> check_identity(const LinkOptions& o) {
  if (o.version != 4 && o.version != 5) {
    return fail(fmt::format("MQTT version {} is neither 4 (3.1.1) nor 5", o.version));
  }
  if (auto r = check_text("client id", o.client_id); !r) return r;
  if (auto r = check_text("user", o.user); !r) return r;
  if (o.password.size() > kLongestText) {
    return fail(fmt::format("a password has at most {} bytes", kLongestText));
  }
  if (!o.password.empty() && o.user.empty()) {
    return fail("there is a password but no user: MQTT wants both");
  }
  return {};
}

Result<void> check_tls(const TlsOptions& tls) {
  if (tls.certificate_file.empty() != tls.key_file.empty()) {
    return fail("TLS: a client certificate and its key go together, one of them is missing");
  }
  if (auto r = check_file("TLS authorities (CA)", tls.ca_file); !r) return r;
  if (auto r = check_file("TLS client certificate", tls.certificate_file); !r) return r;
  return check_file("TLS client key", tls.key_file);
}

Result<void> check_will(const Message& will) {
  if (auto r = topic::check_name(will.topic); !r) {
    return fail(fmt::format("last will: {}", r.error().message));
  }
  if (will.payload.size() > kLongestText) {
    return fail(fmt::format("last will: a payload has at most {} bytes", kLongestText));
  }
  return check_range("last will: QoS", will.qos, 0, 2);
}

Result<void> check_times(const LinkOptions& o) {
  using namespace std::chrono_literals;
  if (auto r = check_range("keepalive in seconds", o.keepalive.count(), 1, 65535); !r) return r;
  if (auto r = check_at_least("connect timeout", o.connect_timeout, 100ms); !r) return r;
  if (auto r = check_at_least("spacing of the first tries", o.first_spacing, 0s); !r) return r;
  if (auto r = check_at_least("shortest backoff", o.backoff_min, 1ms); !r) return r;
  if (auto r = check_at_least("longest backoff", o.backoff_max, o.backoff_min); !r) return r;
  return check_at_least("patience with waiting cues", o.drop_after, 1ms);
}

Result<void> check_limits(const LinkOptions& o) {
  const auto check_count = [](std::string_view what, size_t value, long long most) {
    return check_range(what, static_cast<long long>(value), 1, most);
  };
  if (auto r = check_range("first tries", o.first_tries, 1, 1'000'000); !r) return r;
  if (auto r = check_count("messages in flight", o.max_inflight, 65535); !r) return r;
  if (auto r = check_count("unwritten messages", o.max_unwritten, 1'000'000); !r) return r;
  return check_count("queue limit", o.queue_limit, 10'000'000);
}

}  // namespace

Result<void> check(const LinkOptions& options) {
  if (options.brokers.empty()) return fail("no broker address is given");
  for (const std::string& broker : options.brokers) {
    if (auto url = parse_broker_url(broker); !url) return tl::unexpected(url.error());
  }
  if (auto r = check_identity(options); !r) return r;
  if (auto r = check_tls(options.tls); !r) return r;
  if (options.last_will) {
    if (auto r = check_will(*options.last_will); !r) return r;
  }
  if (auto r = check_times(options); !r) return r;
  return check_limits(options);
}

}  // namespace engine
