#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/bus/message.h"

namespace engine {

struct TlsOptions {
  std::string ca_file;           // Whom to trust; empty: the authorities the system trusts.
  std::string certificate_file;  // How we identify ourselves, if the broker asks; both or none.
  std::string key_file;
  bool verify = true;  // The broker's certificate and the host name in it.
};

// How to reach a broker and how to behave while it is away.
struct LinkOptions {
  std::vector<std::string> brokers;  // Tried in turn, one per attempt: see broker_url.h.
  int version = 5;                   // 5, or 4 for MQTT 3.1.1.
  std::string client_id;
  std::string user;
  std::string password;
  TlsOptions tls;  // For ssl://, mqtts:// and wss://.
  std::optional<Message> last_will;
  std::chrono::seconds keepalive{60};
  Duration connect_timeout = std::chrono::seconds{10};

  // The first connection: after so many tries we say that we run in simulation, and go on trying.
  int first_tries = 5;
  Duration first_spacing = std::chrono::seconds{2};
  // Between later tries: doubled from one to the next, with jitter.
  Duration backoff_min = std::chrono::seconds{1};
  Duration backoff_max = std::chrono::seconds{60};

  // QoS 1 and 2 messages that the broker has not confirmed. A stock Mosquitto grants 20; beyond
  // that it drops QoS 2 messages of 3.1.1 clients without a word.
  size_t max_inflight = 16;
  // QoS 0 messages that are not yet written to the network.
  size_t max_unwritten = 10'000;
  // Messages that wait for either, or for the broker; and the bytes of those that are kept while it
  // is away.
  size_t queue_limit = 1000;
  size_t queue_bytes = 32 * 1024 * 1024;
  // A message whose policy is `drop` waits no longer than this, also while connected: a stale cue
  // never fires late.
  Duration drop_after = std::chrono::seconds{5};
};

// The first rule that is broken, in words for the user. Reads the TLS files to see that they are
// there.
Result<void> check(const LinkOptions& options);

}  // namespace engine
