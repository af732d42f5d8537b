#include "core/mqtt/outgoing_window.h"

#include <algorithm>
#include <utility>

namespace engine {

OutgoingWindow::OutgoingWindow(Limits limits) : limits_(limits) {
  lanes_[0].limit = limits.unwritten;
  lanes_[1].limit = limits.in_flight;
}

std::optional<OutgoingWindow::Ticket> OutgoingWindow::add(Publication&& publication,
                                                          SteadyTime now) {
  if (queued() >= limits_.queue) return std::nullopt;
  Lane& lane = lanes_[publication.message.qos == 0 ? 0 : 1];
  const Ticket ticket = next_ticket_++;
  lane.waiting.emplace(ticket, Entry{std::move(publication), now});
  return ticket;
}

std::optional<OutgoingWindow::Outgoing> OutgoingWindow::next() {
  for (Lane& lane : lanes_) {
    if (lane.waiting.empty() || lane.flying.size() >= lane.limit) continue;
    const auto moved = lane.flying.insert(lane.waiting.extract(lane.waiting.begin())).position;
    return Outgoing{moved->first, &moved->second.publication.message};
  }
  return std::nullopt;
}

std::vector<Publication> OutgoingWindow::take_stale(SteadyTime now) {
  std::vector<Publication> stale;
  for (Lane& lane : lanes_) {
    while (!lane.waiting.empty()) {
      const auto head = lane.waiting.begin();
      const Entry& entry = head->second;
      const bool patient = entry.publication.offline != Offline::drop;
      if (patient || now - entry.since < limits_.drop_after) break;
      stale.push_back(std::move(lane.waiting.extract(head).mapped().publication));
    }
  }
  return stale;
}

std::optional<Publication> OutgoingWindow::take(Ticket ticket) {
  Lane* lane = lane_of_flying(ticket);
  if (!lane) return std::nullopt;
  return std::move(lane->flying.extract(ticket).mapped().publication);
}

void OutgoingWindow::put_back(Ticket ticket) {
  if (Lane* lane = lane_of_flying(ticket)) lane->waiting.insert(lane->flying.extract(ticket));
}

std::vector<Publication> OutgoingWindow::connection_lost() {
  std::map<Ticket, Publication> dropped;
  for (Lane& lane : lanes_) {
    lane.waiting.merge(lane.flying);
    for (auto it = lane.waiting.begin(); it != lane.waiting.end();) {
      const auto here = it++;
      if (here->second.publication.offline != Offline::drop) continue;
      dropped.emplace(here->first, std::move(here->second.publication));
      lane.waiting.erase(here);
    }
  }
  std::vector<Publication> result;
  for (auto& [ticket, publication] : dropped) result.push_back(std::move(publication));
  return result;
}

std::vector<Publication> OutgoingWindow::take_all() {
  std::vector<Publication> result;
  for (Lane& lane : lanes_) {
    lane.waiting.merge(lane.flying);
    for (auto& [ticket, entry] : lane.waiting) result.push_back(std::move(entry.publication));
    lane.waiting.clear();
  }
  return result;
}

void OutgoingWindow::set_granted(size_t receive_maximum) {
  lanes_[1].limit = std::max<size_t>(1, std::min(limits_.in_flight, receive_maximum));
}

bool OutgoingWindow::waiting(Ticket ticket) const {
  return lanes_[0].waiting.contains(ticket) || lanes_[1].waiting.contains(ticket);
}

OutgoingWindow::Lane* OutgoingWindow::lane_of_flying(Ticket ticket) {
  for (Lane& lane : lanes_) {
    if (lane.flying.contains(ticket)) return &lane;
  }
  return nullptr;
}

}  // namespace engine
