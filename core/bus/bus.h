#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/base/signal.h"
#include "core/base/slot_map.h"
#include "core/base/timers.h"
#include "core/bus/echoes.h"
#include "core/bus/link.h"
#include "core/bus/message.h"
#include "core/bus/topic_trie.h"

namespace engine {

class TopicPolicies;
struct TopicPolicy;

using SubscriptionId = Handle;

// Where topics meet code. With a link, messages travel over the broker; while the link is down, and
// when there is none, publications reach the subscribers in this process, so that a show and its
// virtual devices play on. What is queued meanwhile they do not hear again when the broker has it;
// states (`latest`) they do, in the order in which the broker tells all of them. Topics and filters
// must have been checked. Engine thread only.
class Bus {
 public:
  using Handler = std::function<void(const Message&)>;

  explicit Bus(Timers& timers) : timers_(timers) {}
  ~Bus() { timers_.cancel(loopback_timer_); }
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  // Which broker link to use, or nullptr; must outlive the Bus or be detached. Existing
  // subscriptions are handed to it.
  void attach(Link* link);
  // The catalogue of topics, which limits and compresses what is published here, and decompresses
  // what comes in; must outlive the Bus. None: everything goes as it is.
  void use(TopicPolicies& policies) { policies_ = &policies; }
  // What it says of a topic; null when it says nothing. Valid until it is replaced.
  const TopicPolicy* policy_of(std::string_view topic) const;

  // True without a link: then this Bus is all the broker there is.
  bool standalone() const { return link_ == nullptr; }
  bool connected() const { return link_ && link_->connected(); }

  // A retained message reaches a subscription once per topic and connection, however many
  // overlapping filters make the broker repeat it. With `successor_of`, that memory is taken over:
  // a reloaded script is not told again what its former self knew.
  SubscriptionId subscribe(const std::string& filter, int qos, Handler handler,
                           SubscriptionId successor_of = {});
  bool unsubscribe(SubscriptionId id);

  PublishOutcome publish(Publication publication);

  // A message has come in (from the link, a replay or a test): calls the handlers of the matching
  // subscriptions in the order of their making. A subscription cancelled meanwhile is passed over.
  void deliver(const Message& message);
  // Called by the link's owner. When it is up again the broker sends its retained messages anew,
  // and they count as new.
  void connection_changed(bool up);
  Signal<bool> on_connection;

  // Called with every message that comes in before the subscribers see it, and with every
  // publication: for recording and counting.
  std::function<void(const Message&)> on_incoming;
  std::function<void(const Message&)> on_outgoing;

  size_t subscriptions() const { return subscriptions_.size(); }
  size_t filters() const { return filters_.size(); }

 private:
  struct Subscription {
    std::string filter;
    int qos;
    uint64_t order;
    Echoes::Listener listener;
    std::shared_ptr<const Handler> handler;
    std::unordered_set<std::string> retained_seen;
  };
  struct Filter {
    std::vector<SubscriptionId> subscribers;
    int qos = 0;
    uint32_t id = 0;  // As the link knows it.
  };
  struct Loopback {
    Message message;
    Echoes::Ticket echo = {};  // Of what is queued for the broker, too.
  };
  void deliver_plain(const Message& message, const Loopback* from_here = nullptr);
  PublishOutcome keep(Publication publication);
  Echoes::Ticket expect_echo(Publication& publication);
  void tell(Publication& publication, bool delivered);
  void loop_back(Loopback loopback);
  void deliver_loopback();
  bool first_time(SubscriptionId id, const Message& message);
  uint32_t next_filter_id();
  // Calls `visit(filter)` for those the message is for: by their ids if the broker gave them, else
  // all that match.
  template <typename Visit>
  void each_addressed(const Message& message, Visit visit);

  Timers& timers_;
  Link* link_ = nullptr;
  TopicPolicies* policies_ = nullptr;
  SlotMap<Subscription> subscriptions_;
  TopicTrie<Filter> filters_;
  std::unordered_map<uint32_t, Filter*> filters_by_id_;
  uint32_t last_filter_id_ = 0;
  uint64_t next_order_ = 0;
  std::deque<Loopback> loopback_;
  TimerId loopback_timer_;
  const std::shared_ptr<Echoes> echoes_ = std::make_shared<Echoes>();
};

}  // namespace engine
