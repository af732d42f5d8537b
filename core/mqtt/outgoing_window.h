#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/base/clock.h"
#include "core/bus/message.h"

namespace engine {

// What is on its way out: the messages handed to the MQTT library, and those that wait. There are
// two lanes, each in order: QoS 0, which waits until it is written, and QoS 1 and 2, which wait
// until the broker has confirmed. Pure logic: it sends nothing and calls nobody.
class OutgoingWindow {
 public:
  using Ticket = uint64_t;

  struct Limits {
    size_t in_flight;     // QoS 1 and 2 handed over and not confirmed.
    size_t unwritten;     // QoS 0 handed over and not written.
    size_t queue;         // Waiting, both lanes together.
    Duration drop_after;  // Messages whose policy is `drop` wait at most this long.
  };
  struct Outgoing {
    Ticket ticket;
    const Message* message;  // Valid until the ticket is settled.
  };

  explicit OutgoingWindow(Limits limits);

  // Takes a message in; nullopt when the queue is full, and `publication` is untouched then.
  std::optional<Ticket> add(Publication&& publication, SteadyTime now);
  // The next message to hand over, if there is one and room for it; it is in flight from then on.
  std::optional<Outgoing> next();
  // Messages at the head that have waited too long, taken out.
  std::vector<Publication> take_stale(SteadyTime now);

  // Delivered, or refused for good: takes it out. Nullopt for a ticket that is not in flight.
  std::optional<Publication> take(Ticket ticket);
  // It could not be sent: back to its place in the queue.
  void put_back(Ticket ticket);
  // The connection is gone: what was in flight goes back to the head in its order. Everything whose
  // policy is `drop`, in flight or waiting, is taken out and returned.
  std::vector<Publication> connection_lost();
  std::vector<Publication> take_all();

  // What the broker grants; the effective limit is the lower one.
  void set_granted(size_t receive_maximum);

  bool waiting(Ticket ticket) const;
  size_t queued() const { return lanes_[0].waiting.size() + lanes_[1].waiting.size(); }
  size_t in_flight() const { return lanes_[0].flying.size() + lanes_[1].flying.size(); }
  bool empty() const { return queued() == 0 && in_flight() == 0; }

 private:
  struct Entry {
    Publication publication;
    SteadyTime since;
  };
  // Tickets grow, so the order of the map is the order of publishing, and a message that comes back
  // finds its place by itself.
  struct Lane {
    std::map<Ticket, Entry> waiting;
    std::map<Ticket, Entry> flying;
    size_t limit;
  };
  Lane* lane_of_flying(Ticket ticket);

  const Limits limits_;
  Lane lanes_[2];  // QoS 0; QoS 1 and 2.
  Ticket next_ticket_ = 1;
};

}  // namespace engine
