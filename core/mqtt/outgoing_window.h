#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/clock.h"
#include "core/bus/message.h"

namespace engine {

// What is on its way out: the messages handed to the MQTT library, and those that wait. There are
// three lanes, each in order: QoS 0, which waits until it is written; QoS 1 and 2, which wait until
// the broker has confirmed; and the backlog, which an outage has left behind and which has a part
// of the window only, so that what happens now does not wait behind it. Data published meanwhile
// joins the backlog, for its order; cues and states do not. Pure logic: it sends nothing and calls
// nobody.
class OutgoingWindow {
 public:
  using Ticket = uint64_t;  // They grow in the order of publishing.

  struct Limits {
    size_t in_flight;     // QoS 1 and 2, and of the backlog, handed over and not confirmed.
    size_t unwritten;     // QoS 0 handed over and not written.
    size_t queue;         // Waiting cues; and as many of what is kept.
    size_t queue_bytes;   // Of what is kept and waits.
    Duration drop_after;  // Messages whose policy is `drop` wait at most this long.
  };
  struct Outgoing {
    Ticket ticket;
    const Message* message;  // Valid until the ticket is settled.
  };
  struct Removed {
    Ticket ticket;
    Publication publication;
  };
  struct Added {
    Ticket ticket;
    // Of the state that this one outdates, also when that is in flight and cannot be stopped; 0:
    // none.
    Ticket outdated = 0;
    std::optional<Publication> removed = {};  // The outdated one, if it was waiting.
  };
  struct Found {
    const Publication* publication;
    SteadyTime since;
  };

  explicit OutgoingWindow(Limits limits);

  // Takes a message in; nullopt when there are too many cues, and `publication` is untouched then.
  std::optional<Added> add(Publication&& publication, SteadyTime now);
  // Takes in, as backlog, what an earlier run had under `ticket`. All of it before the first `add`.
  Added restore(Ticket ticket, Publication&& publication, SteadyTime since);
  // Takes out what is too much of what is kept: what alone is larger than the queue, else the
  // oldest one; nullopt when nothing is.
  std::optional<Removed> evict();

  // The next message to hand over, if there is one and room for it; it is in flight from then on.
  std::optional<Outgoing> next();
  // Messages whose turn it is and that have waited too long, taken out.
  std::vector<Removed> take_stale(SteadyTime now);

  // Delivered, or refused for good: takes it out. Nullopt for a ticket that is not in flight.
  std::optional<Publication> take(Ticket ticket);
  // It could not be sent: back to its place in the queue. A state that is outdated by now is taken
  // out instead.
  std::optional<Publication> put_back(Ticket ticket);
  // The connection is gone: what was in flight waits again. Everything whose policy is `drop`, in
  // flight or waiting, is taken out and returned, and outdated states with it.
  std::vector<Removed> connection_lost();
  // A connection is there: what waits by now is its backlog.
  void begin_backlog();
  std::vector<Removed> take_all();

  // What the broker grants; the effective limit is the lower one.
  void set_granted(size_t receive_maximum);

  // Whether the queue can keep it at all.
  bool fits(const Message& message) const;
  bool waiting(Ticket ticket) const;
  // Of a message that is waiting or in flight, and is no outdated state.
  std::optional<Found> find(Ticket ticket) const;
  size_t queued() const;
  size_t in_flight() const;
  // Waiting, and kept through an outage.
  size_t kept() const { return kept_; }
  size_t kept_bytes() const { return kept_bytes_; }
  size_t backlog() const { return lanes_[kBacklog].waiting.size(); }
  bool empty() const { return queued() == 0 && in_flight() == 0; }

 private:
  struct Entry {
    Publication publication;
    SteadyTime since;
    bool outdated = false;
  };
  // A message that comes back finds its place by itself.
  using Entries = std::map<Ticket, Entry>;
  struct Lane {
    Entries waiting;
    Entries flying;
  };
  enum { kUnconfirmed, kConfirmed, kBacklog };  // Indices of lanes_.

  Added insert(Lane& lane, Ticket ticket, Entry entry);
  void put_waiting(Lane& lane, Entries::node_type node);
  Entries::node_type take_waiting(Lane& lane, Entries::iterator at);
  Entries::node_type take_flying(Ticket ticket, Lane** from = nullptr);
  Removed remove(Entries::node_type node);
  bool stale(const Entry& entry, SteadyTime now) const;
  Lane* choose();

  const Limits limits_;
  std::array<Lane, 3> lanes_;
  size_t granted_;
  size_t kept_ = 0;
  size_t kept_bytes_ = 0;
  std::set<Ticket> too_large_;  // Of what is kept and waits.
  bool backlogs_turn_ = false;
  std::unordered_map<std::string, Ticket> latest_;  // By topic: its last state on the way.
  Ticket next_ticket_ = 1;
};

}  // namespace engine
