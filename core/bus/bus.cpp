#include "core/bus/bus.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <utility>

#include "core/topics/topic_policies.h"

namespace engine {

void Bus::attach(Link* link) {
  link_ = link;
  if (!link_) return;
  subscriptions_.each([this](SubscriptionId, Subscription& subscription) {
    const Filter& filter = *filters_.find(subscription.filter);
    link_->subscribe(subscription.filter, filter.qos, filter.id);
  });
}

SubscriptionId Bus::subscribe(const std::string& filter, int qos, Handler handler,
                              SubscriptionId successor_of) {
  Subscription subscription{
      filter, qos, next_order_++, std::make_shared<const Handler>(std::move(handler)), {}};
  const Subscription* former = subscriptions_.find(successor_of);
  const bool taken_over = former && former->filter == filter;
  if (taken_over) subscription.retained_seen = former->retained_seen;

  const SubscriptionId id = subscriptions_.add(std::move(subscription));
  Filter& entry = filters_[filter];
  const bool wanted = entry.subscribers.empty() || qos > entry.qos || !taken_over;
  if (entry.id == 0) filters_by_id_[entry.id = next_filter_id()] = &entry;
  entry.subscribers.push_back(id);
  entry.qos = std::max(entry.qos, qos);
  if (link_ && wanted) link_->subscribe(filter, entry.qos, entry.id);
  return id;
}

bool Bus::unsubscribe(SubscriptionId id) {
  const auto subscription = subscriptions_.remove(id);
  if (!subscription) return false;
  Filter& entry = *filters_.find(subscription->filter);
  std::erase(entry.subscribers, id);
  if (entry.subscribers.empty()) {
    filters_by_id_.erase(entry.id);
    filters_.erase(subscription->filter);
    if (link_) link_->unsubscribe(subscription->filter);
  }
  return true;
}

const TopicPolicy* Bus::policy_of(std::string_view topic) const {
  return policies_ ? policies_->find(topic) : nullptr;
}

PublishOutcome Bus::publish(Publication publication) {
  if (const auto forbidden = policies_ ? policies_->admit(publication) : std::nullopt) {
    tell(publication, false);
    return *forbidden;
  }
  if (on_outgoing) on_outgoing(publication.message);
  if (link_ && (link_->connected() || publication.offline != Offline::drop)) {
    if (policies_) policies_->pack(publication.message);
    return link_->publish(std::move(publication));
  }
  tell(publication, standalone());
  loop_back(std::move(publication.message));
  return standalone() ? PublishOutcome::sent : PublishOutcome::simulated;
}

void Bus::tell(Publication& publication, bool delivered) {
  if (!publication.on_delivery) return;
  timers_.after(Duration::zero(),
                [done = std::move(publication.on_delivery), delivered] { done(delivered); });
}

void Bus::deliver(const Message& message) {
  auto unpacked = policies_ ? policies_->unpack(message) : std::nullopt;
  if (!unpacked) return deliver_plain(message);
  Message plain = message;
  plain.payload = std::move(*unpacked);
  deliver_plain(plain);
}

void Bus::deliver_plain(const Message& message) {
  if (on_incoming) on_incoming(message);
  boost::container::small_vector<std::pair<uint64_t, SubscriptionId>, 16> matching;
  each_addressed(message, [&](const Filter& filter) {
    for (const SubscriptionId id : filter.subscribers) {
      matching.emplace_back(subscriptions_.find(id)->order, id);
    }
  });
  std::sort(matching.begin(), matching.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [order, id] : matching) {
    if (message.retain && !first_time(id, message)) continue;
    const Subscription* subscription = subscriptions_.find(id);
    if (!subscription) continue;
    const auto handler = subscription->handler;  // Keeps it alive if it unsubscribes itself.
    (*handler)(message);
  }
}

void Bus::connection_changed(bool up) {
  if (up) subscriptions_.each([](SubscriptionId, Subscription& s) { s.retained_seen.clear(); });
  on_connection.emit(up);
}

template <typename Visit>
void Bus::each_addressed(const Message& message, Visit visit) {
  if (message.subscription_ids.empty()) return filters_.match(message.topic, visit);
  for (const uint32_t id : message.subscription_ids) {
    const auto found = filters_by_id_.find(id);
    if (found != filters_by_id_.end()) visit(*found->second);
  }
}

// Unlike any in use, within what MQTT 5 allows (section 3.3.2.3.8).
uint32_t Bus::next_filter_id() {
  constexpr uint32_t kMost = 268'435'455;
  do {
    last_filter_id_ = last_filter_id_ % kMost + 1;
  } while (filters_by_id_.count(last_filter_id_));
  return last_filter_id_;
}

bool Bus::first_time(SubscriptionId id, const Message& message) {
  Subscription* subscription = subscriptions_.find(id);
  return subscription && subscription->retained_seen.insert(message.topic).second;
}

void Bus::loop_back(Message message) {
  message.retain = false;  // A subscriber that is there when it is sent sees it as live.
  loopback_.push_back(std::move(message));
  if (!timers_.active(loopback_timer_)) {
    loopback_timer_ = timers_.after(Duration::zero(), [this] { deliver_loopback(); });
  }
}

void Bus::deliver_loopback() {
  // Only what is there now: answers to these messages wait for the next turn.
  for (size_t n = loopback_.size(); n > 0; --n) {
    Message message = std::move(loopback_.front());
    loopback_.pop_front();
    message.received_at = timers_.clock().now();
    deliver(message);
  }
  if (!loopback_.empty() && !timers_.active(loopback_timer_)) {
    loopback_timer_ = timers_.after(Duration::zero(), [this] { deliver_loopback(); });
  }
}

}  // namespace engine
