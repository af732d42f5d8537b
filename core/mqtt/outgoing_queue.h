#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/logging.h"
#include "core/base/timers.h"
#include "core/mqtt/disk_queue.h"
#include "core/mqtt/link_options.h"
#include "core/mqtt/outgoing_window.h"
#include "core/store/store.h"

namespace engine {

// What a link has to send: the window and what waits, the copy on disk of what must not be lost,
// and the end of each message, of which its publisher is told and which is counted. Logs to the
// link's logger. Engine thread only.
class OutgoingQueue {
 public:
  using Ticket = OutgoingWindow::Ticket;
  // Each message that is not sent counts in the first, and in one of the others if there is a word
  // for it.
  struct Drops {
    uint64_t all = 0;
    uint64_t displaced = 0;  // The oldest of a full queue, and what is larger than that.
    uint64_t expired = 0;    // Waited longer than `max_age`.
    uint64_t outdated = 0;   // States of which a later one was there.
  };

  // Reads what the run before has left. The references outlive the queue; without a store, or with
  // one that forgets, everything ends with it.
  OutgoingQueue(const LinkOptions& options, Timers& timers, spdlog::logger& log, Store* store);

  // Nullopt: dropped. To be followed by what `next` gives, and then `trim`.
  std::optional<Ticket> add(Publication publication);
  // Puts the queue within its limits: the oldest give way.
  void trim();
  // The next message to hand over, if there is room for it; those that are too old are dropped.
  std::optional<OutgoingWindow::Outgoing> next();
  // Delivered: takes it out. Nullopt for a ticket that is not in flight.
  std::optional<Publication> take(Ticket ticket);
  // It is not going to be sent.
  void refuse(Ticket ticket);
  void put_back(Ticket ticket) { dropped_if_outdated(window_.put_back(ticket)); }

  void connected(size_t receive_maximum);
  void connection_lost();
  // Drops what waits, but for what the disk keeps.
  void close();

  // Counts the message and tells its publisher in the next turn, so never from within a call of
  // his.
  void drop(Publication publication);

  const OutgoingWindow& window() const { return window_; }
  const Drops& drops() const { return drops_; }

 private:
  void load();
  void keep(const OutgoingWindow::Added& added);
  void forget(const OutgoingWindow::Removed& removed);
  void drop_all(std::vector<OutgoingWindow::Removed> removed, std::string_view why);
  void drop_stale(SteadyTime now);
  // All cues are dropped, and data that was in flight waits again.
  void take_back(std::string_view why);
  void dropped_if_outdated(std::optional<Publication> publication);

  const LinkOptions& options_;
  Timers& timers_;
  spdlog::logger& log_;
  OutgoingWindow window_;
  std::unique_ptr<DiskQueue> disk_;  // None: nothing outlives us.
  bool connected_ = false;
  Drops drops_;
  bool too_many_cues_ = false;
  // No line on these before.
  SteadyTime next_displaced_line_ = SteadyTime::min();
  SteadyTime next_expired_line_ = SteadyTime::min();
};

}  // namespace engine
