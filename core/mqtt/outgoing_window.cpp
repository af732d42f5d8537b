#include "core/mqtt/outgoing_window.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace engine {
namespace {

constexpr size_t kOverhead = 100;  // Of a message, besides its bytes.

bool kept_offline(const Publication& publication) { return publication.offline != Offline::drop; }

size_t size_of(const Message& message) {
  size_t size = kOverhead + message.topic.size() + message.payload.size() +
                message.response_topic.size() + message.correlation_data.size() +
                message.content_type.size();
  for (const auto& [name, value] : message.user_properties) size += name.size() + value.size();
  return size;
}

}  // namespace

OutgoingWindow::OutgoingWindow(Limits limits) : limits_(limits), granted_(limits.in_flight) {}

std::optional<OutgoingWindow::Added> OutgoingWindow::add(Publication&& publication,
                                                         SteadyTime now) {
  const bool cue = !kept_offline(publication);
  if (cue && queued() - kept_ >= std::max<size_t>(1, limits_.queue)) return std::nullopt;
  const bool behind = publication.offline == Offline::queue && backlog() > 0;
  Lane& live = lanes_[publication.message.qos == 0 ? kUnconfirmed : kConfirmed];
  return insert(behind ? lanes_[kBacklog] : live, next_ticket_, Entry{std::move(publication), now});
}

OutgoingWindow::Added OutgoingWindow::restore(Ticket ticket, Publication&& publication,
                                              SteadyTime since) {
  return insert(lanes_[kBacklog], ticket, Entry{std::move(publication), since});
}

OutgoingWindow::Added OutgoingWindow::insert(Lane& lane, Ticket ticket, Entry entry) {
  next_ticket_ = std::max(next_ticket_, ticket + 1);
  Added added{.ticket = ticket};
  if (entry.publication.offline == Offline::latest) {
    Ticket& last = latest_[entry.publication.message.topic];
    added.outdated = std::exchange(last, ticket);
  }
  Entries one;
  one.emplace(ticket, std::move(entry));
  put_waiting(lane, one.extract(one.begin()));
  if (added.outdated == 0) return added;
  for (Lane& other : lanes_) {
    if (const auto at = other.waiting.find(added.outdated); at != other.waiting.end()) {
      added.removed = remove(take_waiting(other, at)).publication;
    } else if (const auto flying = other.flying.find(added.outdated);
               flying != other.flying.end()) {
      flying->second.outdated = true;
    }
  }
  return added;
}

std::optional<OutgoingWindow::Removed> OutgoingWindow::evict() {
  if (kept_ <= limits_.queue && kept_bytes_ <= limits_.queue_bytes) return std::nullopt;
  for (Lane& lane : lanes_) {
    const auto at =
        too_large_.empty() ? lane.waiting.end() : lane.waiting.find(*too_large_.begin());
    if (at != lane.waiting.end()) return remove(take_waiting(lane, at));
  }
  Lane& backlog = lanes_[kBacklog];
  if (backlog.waiting.empty()) begin_backlog();
  return remove(take_waiting(backlog, backlog.waiting.begin()));
}

OutgoingWindow::Lane* OutgoingWindow::choose() {
  Lane& unconfirmed = lanes_[kUnconfirmed];
  if (!unconfirmed.waiting.empty() && unconfirmed.flying.size() < limits_.unwritten) {
    return &unconfirmed;
  }
  Lane& live = lanes_[kConfirmed];
  Lane& backlog = lanes_[kBacklog];
  if (live.flying.size() + backlog.flying.size() >= granted_) return nullptr;
  // A quarter of the window stays free for what happens now; and what happens now, however much it
  // is, leaves every second place to the backlog.
  const size_t share = std::max<size_t>(1, granted_ - (granted_ + 3) / 4);
  const bool backlog_may = !backlog.waiting.empty() && backlog.flying.size() < share;
  if (live.waiting.empty()) return backlog_may ? &backlog : nullptr;
  if (!backlog_may) return &live;
  backlogs_turn_ = !backlogs_turn_;
  return backlogs_turn_ ? &live : &backlog;
}

std::optional<OutgoingWindow::Outgoing> OutgoingWindow::next() {
  Lane* lane = choose();
  if (!lane) return std::nullopt;
  const auto moved =
      lane->flying.insert(lane->flying.end(), take_waiting(*lane, lane->waiting.begin()));
  return Outgoing{moved->first, &moved->second.publication.message};
}

bool OutgoingWindow::stale(const Entry& entry, SteadyTime now) const {
  const Duration age = now - entry.since;
  const Publication& publication = entry.publication;
  if (!kept_offline(publication) && age >= limits_.drop_after) return true;
  return publication.max_age > Duration::zero() && age > publication.max_age;
}

std::vector<OutgoingWindow::Removed> OutgoingWindow::take_stale(SteadyTime now) {
  std::vector<Removed> removed;
  for (Lane& lane : lanes_) {
    while (!lane.waiting.empty() && stale(lane.waiting.begin()->second, now)) {
      removed.push_back(remove(take_waiting(lane, lane.waiting.begin())));
    }
  }
  return removed;
}

std::optional<Publication> OutgoingWindow::take(Ticket ticket) {
  auto node = take_flying(ticket);
  if (!node) return std::nullopt;
  return remove(std::move(node)).publication;
}

std::optional<Publication> OutgoingWindow::put_back(Ticket ticket) {
  Lane* lane = nullptr;
  auto node = take_flying(ticket, &lane);
  if (!node) return std::nullopt;
  if (node.mapped().outdated) return remove(std::move(node)).publication;
  put_waiting(*lane, std::move(node));
  return std::nullopt;
}

std::vector<OutgoingWindow::Removed> OutgoingWindow::connection_lost() {
  Entries all;
  for (Lane& lane : lanes_) {
    all.merge(lane.waiting);
    all.merge(lane.flying);
  }
  kept_ = kept_bytes_ = 0;
  too_large_.clear();
  std::vector<Removed> removed;
  while (!all.empty()) {
    auto node = all.extract(all.begin());
    if (node.mapped().outdated || !kept_offline(node.mapped().publication)) {
      removed.push_back(remove(std::move(node)));
    } else {
      put_waiting(lanes_[kBacklog], std::move(node));
    }
  }
  return removed;
}

void OutgoingWindow::begin_backlog() {
  for (const auto index : {kUnconfirmed, kConfirmed}) {
    Lane& lane = lanes_[index];
    for (auto at = lane.waiting.begin(); at != lane.waiting.end();) {
      const auto here = at++;
      if (!kept_offline(here->second.publication)) continue;
      lanes_[kBacklog].waiting.insert(lane.waiting.extract(here));
    }
  }
}

std::vector<OutgoingWindow::Removed> OutgoingWindow::take_all() {
  std::vector<Removed> removed;
  for (Lane& lane : lanes_) {
    lane.waiting.merge(lane.flying);
    while (!lane.waiting.empty()) {
      removed.push_back(remove(lane.waiting.extract(lane.waiting.begin())));
    }
  }
  kept_ = kept_bytes_ = 0;
  too_large_.clear();
  return removed;
}

void OutgoingWindow::set_granted(size_t receive_maximum) {
  granted_ = std::max<size_t>(1, std::min(limits_.in_flight, receive_maximum));
}

bool OutgoingWindow::fits(const Message& message) const {
  return size_of(message) <= limits_.queue_bytes;
}

bool OutgoingWindow::waiting(Ticket ticket) const {
  return std::any_of(lanes_.begin(), lanes_.end(),
                     [=](const Lane& lane) { return lane.waiting.contains(ticket); });
}

std::optional<OutgoingWindow::Found> OutgoingWindow::find(Ticket ticket) const {
  for (const Lane& lane : lanes_) {
    for (const Entries* entries : {&lane.waiting, &lane.flying}) {
      const auto at = entries->find(ticket);
      if (at == entries->end()) continue;
      if (at->second.outdated) return std::nullopt;
      return Found{&at->second.publication, at->second.since};
    }
  }
  return std::nullopt;
}

size_t OutgoingWindow::queued() const {
  return lanes_[0].waiting.size() + lanes_[1].waiting.size() + lanes_[2].waiting.size();
}

size_t OutgoingWindow::in_flight() const {
  return lanes_[0].flying.size() + lanes_[1].flying.size() + lanes_[2].flying.size();
}

void OutgoingWindow::put_waiting(Lane& lane, Entries::node_type node) {
  const Publication& publication = node.mapped().publication;
  if (kept_offline(publication)) {
    ++kept_;
    kept_bytes_ += size_of(publication.message);
    if (!fits(publication.message)) too_large_.insert(node.key());
  }
  lane.waiting.insert(lane.waiting.end(), std::move(node));  // Where it mostly belongs.
}

OutgoingWindow::Entries::node_type OutgoingWindow::take_waiting(Lane& lane, Entries::iterator at) {
  const Publication& publication = at->second.publication;
  if (kept_offline(publication)) {
    --kept_;
    kept_bytes_ -= size_of(publication.message);
    too_large_.erase(at->first);
  }
  return lane.waiting.extract(at);
}

OutgoingWindow::Entries::node_type OutgoingWindow::take_flying(Ticket ticket, Lane** from) {
  for (Lane& lane : lanes_) {
    auto node = lane.flying.extract(ticket);
    if (!node) continue;
    if (from) *from = &lane;
    return node;
  }
  return {};
}

OutgoingWindow::Removed OutgoingWindow::remove(Entries::node_type node) {
  Removed removed{node.key(), std::move(node.mapped().publication)};
  if (removed.publication.offline == Offline::latest) {
    const auto last = latest_.find(removed.publication.message.topic);
    if (last != latest_.end() && last->second == removed.ticket) latest_.erase(last);
  }
  return removed;
}

}  // namespace engine
