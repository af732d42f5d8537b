#include "core/bus/bus.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <utility>

#include "core/topics/topic_policies.h"

namespace engine {
namespace {

// After the broker has confirmed a message: by then it has sent it to us as well.
constexpr Duration kEchoTime = std::chrono::seconds{5};

}  // namespace

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
      filter, qos, next_order_, next_order_, std::make_shared<const Handler>(std::move(handler)),
      {}};
  ++next_order_;
  const Subscription* former = subscriptions_.find(successor_of);
  const bool taken_over = former && former->filter == filter;
  if (taken_over) {
    subscription.retained_seen = former->retained_seen;
    subscription.listener = former->listener;
  }

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
  if (link_ && link_->connected()) {
    if (policies_) policies_->pack(publication.message);
    return link_->publish(std::move(publication));
  }
  if (link_ && publication.offline != Offline::drop) return keep(std::move(publication));
  tell(publication, standalone());
  loop_back({std::move(publication.message)});
  return standalone() ? PublishOutcome::sent : PublishOutcome::simulated;
}

PublishOutcome Bus::keep(Publication publication) {
  Loopback loopback{publication.message};
  if (publication.offline == Offline::queue) loopback.echo = expect_echo(publication);
  if (policies_) policies_->pack(publication.message);
  const PublishOutcome outcome = link_->publish(std::move(publication));
  loop_back(std::move(loopback));
  return outcome;
}

// Until the message has been dropped, or has been with the broker for a while.
Echoes::Ticket Bus::expect_echo(Publication& publication) {
  const Echoes::Ticket echo = echoes_->expect(publication.message);
  publication.on_delivery = [done = std::move(publication.on_delivery), echo, &timers = timers_,
                             echoes = std::weak_ptr(echoes_)](bool delivered) {
    timers.after(delivered ? kEchoTime : Duration::zero(), [echo, echoes] {
      if (const auto all = echoes.lock()) all->forget(echo);
    });
    if (done) done(delivered);
  };
  return echo;
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

void Bus::deliver_plain(const Message& message, const Loopback* from_here) {
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
    if (from_here) {
      if (from_here->echo) echoes_->heard(from_here->echo, subscription->listener);
    } else if (!echoes_->empty() && !message.retain &&
               echoes_->take(message, subscription->listener)) {
      continue;
    }
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

void Bus::loop_back(Loopback loopback) {
  loopback.message.retain = false;  // A subscriber that is there when it is sent sees it as live.
  loopback_.push_back(std::move(loopback));
  if (!timers_.active(loopback_timer_)) {
    loopback_timer_ = timers_.after(Duration::zero(), [this] { deliver_loopback(); });
  }
}

void Bus::deliver_loopback() {
  // Only what is there now: answers to these messages wait for the next turn.
  for (size_t n = loopback_.size(); n > 0; --n) {
    Loopback loopback = std::move(loopback_.front());
    loopback_.pop_front();
    loopback.message.received_at = timers_.clock().now();
    deliver_plain(loopback.message, &loopback);
  }
  if (!loopback_.empty() && !timers_.active(loopback_timer_)) {
    loopback_timer_ = timers_.after(Duration::zero(), [this] { deliver_loopback(); });
  }
}

}  // namespace engine
