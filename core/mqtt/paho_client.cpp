#include "core/mqtt/paho_client.h"

#include <fmt/format.h>
#include <mqtt/async_client.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cmath>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/background_worker.h"
#include "core/mqtt/connect_trouble.h"
#include "core/mqtt/paho_messages.h"
#include "core/mqtt/postbox.h"
#include "core/mqtt/short_naps.h"
#include "core/mqtt/socket_tuning.h"

namespace engine {
namespace {

constexpr auto kClosePatience = std::chrono::milliseconds{500};
// Within that: for messages in flight, then for the library to say that it is disconnected.
constexpr auto kFlightPatience = std::chrono::milliseconds{100};
constexpr auto kDisconnectPatience = std::chrono::milliseconds{250};
// A topic filter that nobody uses.
constexpr const char* kNoFilter = "engine/keep-awake";
// So that the library never holds back a message: its send thread would sleep up to a second.
constexpr int kUnlimitedInFlight = 65535;
// Messages that its send thread has not come to yet; also counted while connected.
constexpr int kUnlimitedCommands = 1'000'000;

// Alive as long as the client: what is posted for a client that is gone finds nobody.
struct Receiver {
  MqttClient::Events& events;
};

struct Shared {
  const LinkOptions options;
  const Clock& clock;
  const std::shared_ptr<Postbox> postbox;
  const std::shared_ptr<boost::asio::io_context> worker;
};

uint64_t ticket_of(const mqtt::token& token) {
  return reinterpret_cast<uintptr_t>(token.get_user_context());
}

void* context_of(uint64_t ticket) { return reinterpret_cast<void*>(ticket); }

int code_of(const mqtt::token& token) {
  const int reason = static_cast<int>(token.get_reason_code());
  return reason >= 0x80 && reason <= 0xff ? reason : token.get_return_code();
}

// Codes with which the same message would come back again: not authorized, bad topic name, too
// large, bad format, no retain, no such QoS; the library's own: not UTF-8, bad QoS.
bool refused_for_good(int code) {
  switch (code) {
    case 0x87:
    case 0x90:
    case 0x95:
    case 0x99:
    case 0x9a:
    case 0x9b:
    case MQTTASYNC_BAD_UTF8_STRING:
    case MQTTASYNC_BAD_QOS:
      return true;
    default:
      return false;
  }
}

// The library's handler for TLS errors is of no use: it outlives the options it points into.
mqtt::ssl_options tls_options(const TlsOptions& options) {
  mqtt::ssl_options result;
  if (!options.ca_file.empty()) result.set_trust_store(options.ca_file);
  if (!options.certificate_file.empty()) result.set_key_store(options.certificate_file);
  if (!options.key_file.empty()) result.set_private_key(options.key_file);
  result.set_enable_server_cert_auth(options.verify);
  result.set_verify(options.verify);
  return result;
}

// The library gives a broker up two and a half of its intervals after the last word; we promise one
// and a half of ours.
int keep_alive_interval(std::chrono::seconds keepalive) {
  return std::max(1, static_cast<int>(std::lround(0.6 * static_cast<double>(keepalive.count()))));
}

mqtt::connect_options connect_options(const LinkOptions& options, const BrokerUrl& url) {
  mqtt::connect_options result;
  if (options.version == 5) {
    result.set_mqtt_version(MQTTVERSION_5);
    result.set_clean_start(true);
  } else {
    result.set_mqtt_version(MQTTVERSION_3_1_1);
    result.set_clean_session(true);
  }
  result.set_keep_alive_interval(keep_alive_interval(options.keepalive));
  result.set_connect_timeout(std::chrono::ceil<std::chrono::seconds>(options.connect_timeout));
  result.set_automatic_reconnect(false);
  result.set_max_inflight(kUnlimitedInFlight);
  if (!options.user.empty()) result.set_user_name(options.user);
  if (!options.password.empty()) result.set_password(options.password);
  if (options.last_will) {
    const auto will = to_paho(*options.last_will, options.version);
    mqtt::will_options will_options(*will);
    if (options.version == 5) will_options.set_properties(will->get_properties());
    result.set_will(will_options);
  }
  if (url.tls) result.set_ssl(tls_options(options.tls));
  return result;
}

// What became of messages, from the library's threads to the engine's.
class Receipts {
 public:
  struct Entry {
    uint64_t ticket;
    Receipt receipt;
    std::string why;
  };
  // Library threads. True: the engine thread is to collect.
  bool add(Entry entry) {
    const std::lock_guard lock(mutex_);
    entries_.push_back(std::move(entry));
    return waited_for_ && !std::exchange(called_, true);
  }
  // Engine thread; true likewise.
  bool hurry(bool waited_for) {
    const std::lock_guard lock(mutex_);
    waited_for_ = waited_for;
    return waited_for && !entries_.empty() && !std::exchange(called_, true);
  }
  void collect(MqttClient::Events& events) {
    {
      const std::lock_guard lock(mutex_);
      collected_.swap(entries_);
      called_ = false;
    }
    for (const Entry& entry : collected_) {
      events.on_published(entry.ticket, entry.receipt, entry.why);
    }
    collected_.clear();
  }

 private:
  std::mutex mutex_;
  std::vector<Entry> entries_;  // This and the next two are guarded by mutex_.
  bool waited_for_ = false;
  bool called_ = false;
  std::vector<Entry> collected_;  // Engine thread only.
};

// Leaves OpenSSL to prepare itself when it is used: without TLS that saves 1.3 MB. Once, and before
// the library's threads are there: it makes its locks anew.
void prepare_library() {
  static const bool prepared = [] {
    MQTTAsync_init_options options = MQTTAsync_init_options_initializer;
    options.do_openssl_init = 0;
    MQTTAsync_global_init(&options);
    return true;
  }();
  (void)prepared;
}

// What lives on the library's side: its client and the callbacks, which only post. Kept by the
// tasks of the worker, which alone makes and destroys the library's client.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<const Shared> shared, BrokerUrl url, std::weak_ptr<Receiver> receiver)
      : shared_(std::move(shared)), url_(std::move(url)), receiver_(std::move(receiver)) {}

  // Worker only.
  void open();
  void close();

  // Engine thread, between on_connected and the order to close.
  mqtt::async_client& client() { return *client_; }
  mqtt::iaction_listener& publishing() { return publishing_; }
  mqtt::iaction_listener& subscribing() { return subscribing_; }
  int version() const { return shared_->options.version; }
  // Any thread.
  template <typename Event>
  void post(Event event) {
    shared_->postbox->post([receiver = receiver_, event = std::move(event)] {
      if (const auto alive = receiver.lock()) event(alive->events);
    });
  }
  Receipts& receipts() { return receipts_; }
  void post_collection();

 private:
  // The library tells of each outcome here, on a thread of its own.
  struct Listener : mqtt::iaction_listener {
    using Heard = void (Connection::*)(const mqtt::token&, bool good);
    Listener(Connection& o, Heard h) : owner(o), heard(h) {}
    void on_success(const mqtt::token& token) override { (owner.*heard)(token, true); }
    void on_failure(const mqtt::token& token) override { (owner.*heard)(token, false); }
    Connection& owner;
    Heard heard;
  };

  void connected(const mqtt::token& token, bool good);
  void published(const mqtt::token& token, bool good);
  void subscribed(const mqtt::token& token, bool good);
  void arrived(const mqtt::message& message);
  void lost();
  void failed(int code);

  // Constant after construction.
  const std::shared_ptr<const Shared> shared_;
  const BrokerUrl url_;
  const std::weak_ptr<Receiver> receiver_;
  Listener connecting_{*this, &Connection::connected};
  Listener publishing_{*this, &Connection::published};
  Listener subscribing_{*this, &Connection::subscribed};
  Receipts receipts_;

  std::unique_ptr<mqtt::async_client>
      client_;           // Set before the first callback, reset after the last.
  std::string goodbye_;  // Why the broker disconnects us (MQTT 5); one library thread only.
  std::optional<ShortNaps> short_naps_;  // Until the outcome of `connect`.
};

void Connection::open() {
  try {
    mqtt::create_options create(shared_->options.version, kUnlimitedCommands);
    create.set_send_while_disconnected(false);
    client_ = std::make_unique<mqtt::async_client>(url_.canonical(), shared_->options.client_id,
                                                   create, nullptr);
    client_->set_message_callback([this](mqtt::const_message_ptr message) { arrived(*message); });
    client_->set_connection_lost_handler([this](const std::string&) { lost(); });
    client_->set_disconnected_handler([this](const mqtt::properties&, mqtt::ReasonCode code) {
      goodbye_ = reason_text(static_cast<int>(code));
    });
    short_naps_.emplace();
    client_->connect(connect_options(shared_->options, url_), nullptr, connecting_);
  } catch (const std::exception& e) {
    short_naps_.reset();
    post([why = std::string(e.what())](MqttClient::Events& events) { events.on_failed(why); });
  }
}

void Connection::close() {
  if (!client_) return;
  try {
    if (client_->is_connected()) {
      const auto patience = static_cast<int>(kFlightPatience.count());
      client_->disconnect(patience)->wait_for(kDisconnectPatience);
    }
  } catch (const mqtt::exception&) {
    // It was lost at this moment; there is nobody left to say goodbye to.
  }
  client_.reset();
}

void Connection::connected(const mqtt::token& token, bool good) {
  short_naps_.reset();
  if (!good) return failed(token.get_return_code());
  tune_sockets(url_.port);
  BrokerLimits limits;
  if (version() == 5) {
    using mqtt::property;
    const mqtt::connect_response response = token.get_connect_response();
    const mqtt::properties& properties = response.get_properties();
    if (properties.contains(property::RECEIVE_MAXIMUM)) {
      limits.receive_maximum = mqtt::get<uint16_t>(properties, property::RECEIVE_MAXIMUM);
    }
    if (properties.contains(property::MAXIMUM_PACKET_SIZE)) {
      limits.maximum_packet = mqtt::get<uint32_t>(properties, property::MAXIMUM_PACKET_SIZE);
    }
    if (properties.contains(property::SUBSCRIPTION_IDENTIFIERS_AVAILABLE)) {
      limits.subscription_ids =
          mqtt::get<uint8_t>(properties, property::SUBSCRIPTION_IDENTIFIERS_AVAILABLE) != 0;
    }
  }
  post([limits](MqttClient::Events& events) { events.on_connected(limits); });
}

// Finding out why may take a moment, so the worker does it.
void Connection::failed(int code) {
  boost::asio::post(*shared_->worker, [self = shared_from_this(), code] {
    std::string why = code > 0 ? explain_refusal(code) : explain_unreachable(self->url_);
    self->post([why = std::move(why)](MqttClient::Events& events) { events.on_failed(why); });
  });
}

void Connection::published(const mqtt::token& token, bool good) {
  const uint64_t ticket = ticket_of(token);
  const int code = code_of(token);
  Receipt receipt = Receipt::delivered;
  std::string why;
  if (!good || code < 0 || code >= 0x80) {
    receipt = refused_for_good(code) ? Receipt::refused : Receipt::returned;
    why = reason_text(code);
  }
  if (receipts_.add({ticket, receipt, std::move(why)})) post_collection();
}

void Connection::post_collection() {
  post([self = weak_from_this()](MqttClient::Events& events) {
    if (const auto connection = self.lock()) connection->receipts().collect(events);
  });
}

void Connection::subscribed(const mqtt::token& token, bool good) {
  std::string refusal;
  if (!good) refusal = reason_text(code_of(token));
  post([ticket = ticket_of(token), refusal = std::move(refusal)](MqttClient::Events& events) {
    events.on_subscribed(ticket, refusal);
  });
}

void Connection::arrived(const mqtt::message& from) {
  const SteadyTime now = shared_->clock.now();
  Message message = from_paho(from);
  message.received_at = now;
  post([message = std::move(message)](MqttClient::Events& events) { events.on_arrived(message); });
}

void Connection::lost() {
  std::string why = goodbye_.empty() ? "the network or the broker went away" : goodbye_;
  post([why = std::move(why)](MqttClient::Events& events) { events.on_lost(why); });
}

class PahoClient final : public MqttClient {
 public:
  PahoClient(std::shared_ptr<const Shared> shared, BrokerUrl url, Events& events)
      : shared_(std::move(shared)),
        receiver_(std::make_shared<Receiver>(Receiver{events})),
        connection_(std::make_shared<Connection>(shared_, std::move(url), receiver_)) {
    boost::asio::post(*shared_->worker, [connection = connection_] { connection->open(); });
  }
  ~PahoClient() override {
    boost::asio::post(*shared_->worker, [connection = connection_] { connection->close(); });
  }

  bool publish(uint64_t ticket, const Message& message) override {
    return attempt([&] {
      connection_->client().publish(to_paho(message, connection_->version()), context_of(ticket),
                                    connection_->publishing());
    });
  }

  void subscribe(uint64_t ticket, const std::string& filter, int qos, uint32_t id) override {
    const bool sent = attempt([&] {
      mqtt::properties properties;
      if (id > 0) {
        properties.add({mqtt::property::SUBSCRIPTION_IDENTIFIER, static_cast<int32_t>(id)});
      }
      connection_->client().subscribe(filter, qos, context_of(ticket), connection_->subscribing(),
                                      mqtt::subscribe_options(), properties);
    });
    // A lost connection is told of elsewhere; this must be, or it would be waited for.
    if (!sent) {
      connection_->post([ticket](Events& events) {
        events.on_subscribed(ticket, "the connection is about to be lost");
      });
    }
  }

  void hurry_receipts(bool waited_for) override {
    if (connection_->receipts().hurry(waited_for)) connection_->post_collection();
  }
  void collect_receipts() override {
    const auto connection = connection_;  // It may be the end of us.
    connection->receipts().collect(receiver_->events);
  }

  void unsubscribe(const std::string& filter) override {
    attempt([&] { connection_->client().unsubscribe(filter); });
  }

  // When nothing has come in for a second, the library sleeps for 100 ms without looking at its
  // socket, and goes on with unfinished writes no sooner. Measured: a quarter of the messages that
  // came after a quiet second were up to 97 ms late. So something has to come in more often: the
  // answer to giving up a subscription that we never had.
  void keep_awake() override { unsubscribe(kNoFilter); }

 private:
  template <typename Call>
  static bool attempt(Call call) {
    try {
      call();
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }

  const std::shared_ptr<const Shared> shared_;
  const std::shared_ptr<Receiver> receiver_;
  const std::shared_ptr<Connection> connection_;
};

class PahoClients final : public MqttClients {
 public:
  PahoClients(LinkOptions options, Inbox& inbox, const Clock& clock)
      : shared_(std::make_shared<Shared>(
            Shared{std::move(options), clock, std::make_shared<Postbox>(inbox), worker_.queue()})) {
    prepare_library();
  }
  ~PahoClients() override {
    worker_.finish(kClosePatience);
    shared_->postbox->close();
  }

  std::unique_ptr<MqttClient> connect(const std::string& url, MqttClient::Events& events) override {
    return std::make_unique<PahoClient>(shared_, *parse_broker_url(url), events);
  }

 private:
  BackgroundWorker worker_;
  const std::shared_ptr<const Shared> shared_;
};

}  // namespace

std::unique_ptr<MqttClients> paho_clients(LinkOptions options, Inbox& inbox, const Clock& clock) {
  // Else it writes each of its own calls as text into a ring that nobody reads: a quarter of all
  // that a message costs (measured).
  MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
  return std::make_unique<PahoClients>(std::move(options), inbox, clock);
}

}  // namespace engine
