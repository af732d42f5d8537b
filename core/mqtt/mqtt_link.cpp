#include "core/mqtt/mqtt_link.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

#include "core/base/utf8.h"
#include "core/mqtt/message_text.h"
#include "core/mqtt/paho_client.h"

namespace engine {
namespace {

using namespace std::chrono_literals;

// A connection that holds this long starts the backoff from the beginning when it is lost.
constexpr Duration kStable = 10s;
// Receipts that nothing waits for are collected so often.
constexpr Duration kCollect = 10ms;
// After the broker would not take a message right now.
constexpr Duration kPause = 1s;
// So many connections in a row that did not: probably somebody else uses our client id.
constexpr int kSuspicious = 3;
// What a PUBLISH has besides topic, payload and properties, generously.
constexpr size_t kPacketOverhead = 32;

size_t packet_size(const Message& message) {
  size_t size = kPacketOverhead + message.topic.size() + message.payload.size() +
                message.response_topic.size() + message.correlation_data.size() +
                message.content_type.size();
  for (const auto& [name, value] : message.user_properties) size += 5 + name.size() + value.size();
  return size;
}

}  // namespace

MqttLink::MqttLink(LinkOptions options, Timers& timers, Inbox& inbox, Logs& logs, Store* store)
    : MqttLink(std::move(options), timers, logs, nullptr, std::random_device{}(), store, &inbox) {}

MqttLink::MqttLink(LinkOptions options, Timers& timers, Logs& logs,
                   std::unique_ptr<MqttClients> clients, uint32_t seed, Store* store, Inbox* inbox)
    : options_(std::move(options)),
      timers_(timers),
      inbox_(inbox),
      log_(logs.get("mqtt")),
      clients_(std::move(clients)),
      backoff_(options_.backoff_min, options_.backoff_max, seed),
      queue_(options_, timers, log_, store) {}

MqttLink::~MqttLink() {
  disconnect();
  for (const auto& [id, flush] : flushes_) timers_.cancel(flush.deadline);
}

void MqttLink::start() {
  if (state_ != State::idle) return;
  if (inbox_) clients_ = paho_clients(options_, *inbox_, timers_.clock());
  attempt();
}

void MqttLink::start(LinkOptions options) {
  if (state_ != State::idle) return;
  options_ = std::move(options);
  start();
}

bool MqttLink::connected() const { return state_ == State::restoring || state_ == State::ready; }

LinkStats MqttLink::stats() const {
  LinkStats stats = stats_;
  const OutgoingWindow& window = queue_.window();
  const OutgoingQueue::Drops& drops = queue_.drops();
  stats.dropped = drops.all;
  stats.displaced = drops.displaced;
  stats.expired = drops.expired;
  stats.outdated = drops.outdated;
  stats.queued = window.queued();
  stats.kept = window.kept();
  stats.kept_bytes = window.kept_bytes();
  stats.in_flight = window.in_flight();
  return stats;
}

void MqttLink::attempt() {
  broker_ = options_.brokers[next_broker_++ % options_.brokers.size()];
  state_ = State::connecting;
  log_.debug("Connecting to {}", broker_);
  timer_ = timers_.after(options_.connect_timeout, [this] {
    on_failed(fmt::format("no answer within {} s: check the address, the network and the firewall",
                          to_seconds(options_.connect_timeout)));
  });
  client_ = clients_->connect(broker_, *this);
}

void MqttLink::on_connected(const BrokerLimits& limits) {
  timers_.cancel(timer_);
  if (was_connected_) ++stats_.reconnects;
  was_connected_ = true;
  tries_ = 0;
  connected_since_ = timers_.clock().now();
  last_failure_.clear();
  maximum_packet_ = limits.maximum_packet;
  takes_subscription_ids_ = options_.version == 5 && limits.subscription_ids;
  log_.info("Connected to {}", broker_);
  queue_.connected(limits.receive_maximum);
  awake_ = timers_.every(MqttClient::kAwakePeriod, [this] { client_->keep_awake(); });
  state_ = State::restoring;
  restore_subscriptions();
  if (on_connection) on_connection(true);
  become_ready_if_restored();
}

void MqttLink::on_failed(const std::string& why) {
  client_.reset();
  timers_.cancel(timer_);
  report_failure(why);
  retry_later();
}

void MqttLink::on_lost(const std::string& why) {
  client_.reset();
  cancel_timers();
  subscribing_.clear();
  log_.warn("Connection to {} lost ({}): playing on in simulation, connecting again", broker_, why);
  if (timers_.clock().now() - connected_since_ >= kStable) {
    backoff_.reset();
    short_connections_ = 0;
  } else if (++short_connections_ == kSuspicious) {
    log_.warn("{} connections in a row did not last: is another client using the id '{}'?",
              kSuspicious, options_.client_id);
  }
  state_ = State::waiting;
  queue_.connection_lost();
  retry_later();
  finish_flushes(false);
  if (on_connection) on_connection(false);
}

void MqttLink::report_failure(const std::string& why) {
  std::string& last = last_failure_[broker_];
  const auto level = last == why ? spdlog::level::debug : spdlog::level::warn;
  last = why;
  log_.log(level, "Cannot connect to {}: {}", broker_, why);
}

void MqttLink::retry_later() {
  state_ = State::waiting;
  ++tries_;
  const bool first = !was_connected_ && tries_ < options_.first_tries;
  const Duration delay = first ? options_.first_spacing : backoff_.next();
  if (!was_connected_ && tries_ == options_.first_tries) {
    log_.warn("No broker after {} tries: running in simulation (nothing is sent), still trying",
              tries_);
  }
  log_.debug("Next try in {:.1f} s", to_seconds(delay));
  timer_ = timers_.after(delay, [this] { attempt(); });
}

void MqttLink::close() {
  const bool was_up = connected();
  disconnect();
  const bool out = queue_.window().empty();
  queue_.close();
  finish_flushes(out);
  if (was_up) log_.info("Disconnected from {}", broker_);
}

void MqttLink::disconnect() {
  cancel_timers();
  state_ = State::closed;
  client_.reset();
  clients_.reset();
}

void MqttLink::cancel_timers() {
  timers_.cancel(timer_);
  timers_.cancel(awake_);
  timers_.cancel(pause_);
  timers_.cancel(collecting_);
  hurried_ = false;
}

void MqttLink::subscribe(const std::string& filter, int qos, uint32_t id) {
  subscriptions_[filter] = {qos, id};
  if (connected()) send_subscription(filter);
}

void MqttLink::unsubscribe(const std::string& filter) {
  subscriptions_.erase(filter);
  if (!connected()) return;
  log_.debug("Unsubscribing from {}", printable(filter));
  client_->unsubscribe(filter);
}

void MqttLink::send_subscription(const std::string& filter) {
  log_.debug("Subscribing to {}", printable(filter));
  const uint64_t ticket = next_subscription_++;
  subscribing_[ticket] = filter;
  const Subscription& asked = subscriptions_[filter];
  client_->subscribe(ticket, filter, asked.qos, takes_subscription_ids_ ? asked.id : 0);
}

void MqttLink::restore_subscriptions() {
  timer_ = timers_.after(options_.connect_timeout,
                         [this] { on_lost("the broker does not confirm subscriptions"); });
  for (const auto& [filter, asked] : subscriptions_) send_subscription(filter);
}

void MqttLink::on_subscribed(uint64_t ticket, const std::string& refusal) {
  const auto asked = subscribing_.extract(ticket);
  if (asked && !refusal.empty()) {
    log_.warn("The broker refuses the subscription to '{}' ({}): check its access rules",
              printable(asked.mapped()), refusal);
  }
  become_ready_if_restored();
}

void MqttLink::become_ready_if_restored() {
  if (state_ != State::restoring || !subscribing_.empty()) return;
  timers_.cancel(timer_);
  state_ = State::ready;
  pump();
  await_receipts();
}

void MqttLink::on_arrived(const Message& message) {
  ++stats_.received;
  if (on_message) on_message(message);
}

PublishOutcome MqttLink::publish(Publication publication) {
  const bool wanted = connected() || publication.offline != Offline::drop;
  if (!wanted || state_ == State::closed) {
    log_.debug("Not sent, no connection: {}", message_text(publication.message));
    queue_.drop(std::move(publication));
    return PublishOutcome::dropped;
  }
  const bool cue = publication.offline == Offline::drop;
  const auto ticket = queue_.add(std::move(publication));
  if (!ticket) return PublishOutcome::dropped;
  pump();
  if (!cue) queue_.trim();
  await_receipts();
  if (queue_.window().waiting(*ticket)) return PublishOutcome::queued;
  const bool gone = !cue && !queue_.window().find(*ticket);
  return gone ? PublishOutcome::dropped : PublishOutcome::sent;
}

void MqttLink::pump() {
  if (state_ != State::ready || timers_.active(pause_)) return;
  while (const auto outgoing = queue_.next()) {
    if (!hand_over(*outgoing)) return pause();
  }
}

bool MqttLink::hand_over(const OutgoingWindow::Outgoing& outgoing) {
  const Message& message = *outgoing.message;
  if (packet_size(message) > maximum_packet_) {
    log_.warn("The broker takes at most {} bytes, {} has {}: dropped", maximum_packet_,
              printable(message.topic), message.payload.size());
    queue_.refuse(outgoing.ticket);
    return true;
  }
  if (log_.should_log(spdlog::level::debug)) log_.debug("Publishing to {}", message_text(message));
  if (!client_->publish(outgoing.ticket, message)) {
    queue_.put_back(outgoing.ticket);
    return false;
  }
  ++stats_.sent;
  return true;
}

void MqttLink::await_receipts() {
  if (!connected()) return;
  const OutgoingWindow& window = queue_.window();
  const bool waited_for = window.queued() > 0 || !flushes_.empty();
  if (std::exchange(hurried_, waited_for) != waited_for) client_->hurry_receipts(waited_for);
  if (window.in_flight() == 0 || timers_.active(collecting_)) return;
  collecting_ = timers_.after(kCollect, [this] {
    client_->collect_receipts();
    await_receipts();
  });
}

void MqttLink::pause() {
  pause_ = timers_.after(kPause, [this] { pump(); });
}

void MqttLink::on_published(uint64_t ticket, Receipt receipt, const std::string& why) {
  if (receipt == Receipt::returned) {
    queue_.put_back(ticket);
    log_.debug("The broker cannot take a message now ({}), trying again", why);
    if (!timers_.active(pause_)) pause();
    return;
  }
  auto publication = queue_.take(ticket);
  if (!publication) return;
  if (receipt == Receipt::refused) {
    log_.warn("The broker refuses {} ({}): dropped", message_text(publication->message), why);
    queue_.drop(std::move(*publication));
  }
  pump();
  if (receipt == Receipt::delivered && publication->on_delivery) publication->on_delivery(true);
  if (queue_.window().empty()) finish_flushes(true);
  await_receipts();
}

void MqttLink::flush(Duration patience, std::function<void(bool)> done) {
  const bool over = !connected() || queue_.window().empty();
  const uint64_t id = next_flush_++;
  const TimerId deadline = timers_.after(over ? Duration::zero() : patience, [this, id] {
    const auto flush = flushes_.extract(id);
    flush.mapped().done(queue_.window().empty());
  });
  flushes_[id] = {deadline, std::move(done)};
  await_receipts();
}

void MqttLink::finish_flushes(bool out) {
  const auto finished = std::exchange(flushes_, {});
  for (const auto& [id, flush] : finished) {
    timers_.cancel(flush.deadline);
    flush.done(out);
  }
}

}  // namespace engine
