#include "core/app/broker_connection.h"

#include <utility>

#include "core/app/link_settings.h"
#include "core/mqtt/link_report.h"

namespace engine {

BrokerConnection::BrokerConnection(Loop& loop, Bus& bus, Logs& logs, const Config& config,
                                   std::filesystem::path folder, Store* store)
    : loop_(loop), bus_(bus), logs_(logs), config_(config), folder_(std::move(folder)) {
  if (config_.mqtt.addresses.empty() && !config_.broker.enabled) return;
  link_ = std::make_unique<MqttLink>(link_options(config_, {}), loop_.timers(), loop_.inbox(),
                                     logs_, store);
  link_->on_message = [this](const Message& message) { bus_.deliver(message); };
  link_->on_connection = [this](bool up) {
    bus_.connection_changed(up);
    if (up) settle();
  };
  bus_.attach(link_.get());
}

BrokerConnection::~BrokerConnection() {
  bus_.attach(nullptr);
  loop_.timers().cancel(patience_);
}

void BrokerConnection::start(std::function<void()> on_settled) {
  on_settled_ = std::move(on_settled);
  if (!config_.mqtt.addresses.empty()) return connect(std::nullopt);
  if (config_.broker.enabled) return start_own_broker();
  logs_.get("mqtt").warn(
      "no broker: mqtt.address is not set and broker.enabled is false; playing in simulation");
  settle_soon();
}

void BrokerConnection::start_own_broker() {
  const auto give_up = [this](const std::string& why) {
    logs_.get("broker").warn("No broker of our own: {}; playing in simulation", why);
    bus_.attach(nullptr);
    settle_soon();
  };
  auto started = ManagedBroker::start(
      loop_.io(), loop_.timers(), logs_, {.folder = folder_, .settings = config_.broker},
      {.on_ready = [this](const BrokerAccess& access) { connect(access); }, .on_failed = give_up});
  if (!started) return give_up(started.error().message);
  broker_ = std::move(*started);
  counters_ = std::make_unique<BrokerCounters>(bus_);
}

void BrokerConnection::connect(const std::optional<BrokerAccess>& own_broker) {
  if (std::exchange(begun_, true)) return;
  const Config::Mqtt& mqtt = config_.mqtt;
  patience_ =
      loop_.timers().after(mqtt.first_tries * mqtt.first_tries_spacing, [this] { settle(); });
  link_->start(link_options(config_, own_broker));
}

void BrokerConnection::settle_soon() {
  patience_ = loop_.timers().after(Duration::zero(), [this] { settle(); });
}

void BrokerConnection::settle() {
  loop_.timers().cancel(patience_);
  if (const auto settled = std::exchange(on_settled_, nullptr)) settled();
}

void BrokerConnection::flush(Duration patience, std::function<void()> done) {
  if (!link_) return done();
  link_->flush(patience, [done = std::move(done)](bool) { done(); });
}

void BrokerConnection::close() {
  if (link_) link_->close();
}

nlohmann::json BrokerConnection::report() const {
  nlohmann::json report = {{"own", broker_ != nullptr},
                           {"url", nullptr},
                           {"connected", bus_.connected()},
                           {"client_id", config_.mqtt.client_id},
                           {"link", to_json(stats())}};
  if (link_) report["url"] = link_->broker();
  if (!broker_) return report;
  report["url"] = broker_->url();
  report["running"] = broker_->ready();
  report["pid"] = broker_->pid();
  if (!broker_->websockets_url().empty()) report["websockets_url"] = broker_->websockets_url();
  if (!broker_->authority().empty()) report["authority"] = broker_->authority().string();
  report["users"] = nlohmann::json::array();
  for (const BrokerUser& user : config_.broker.users) {
    report["users"].push_back({{"name", user.name}, {"confined", user.confined()}});
  }
  report["counters"] = counters_->report();
  return report;
}

}  // namespace engine
