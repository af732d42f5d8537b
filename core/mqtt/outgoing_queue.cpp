#include "core/mqtt/outgoing_queue.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "core/mqtt/message_text.h"

namespace engine {
namespace {

using namespace std::chrono_literals;
using Removed = std::vector<OutgoingWindow::Removed>;

// Of what is dropped at once; the rest is counted.
constexpr size_t kLinesPerDrop = 10;
// Between two lines on what gives way to newer messages, or is too old.
constexpr Duration kLinePeriod = 1min;

}  // namespace

OutgoingQueue::OutgoingQueue(const LinkOptions& options, Timers& timers, spdlog::logger& log,
                             Store* store)
    : options_(options),
      timers_(timers),
      log_(log),
      window_({.in_flight = options.max_inflight,
               .unwritten = options.max_unwritten,
               .queue = options.queue_limit,
               .queue_bytes = options.queue_bytes,
               .drop_after = options.drop_after}) {
  if (!store || !store->outlives_us()) return;
  disk_ = std::make_unique<DiskQueue>(*store, timers_.clock(), log_,
                                      [this](Ticket ticket) { return window_.find(ticket); });
  load();
}

void OutgoingQueue::load() {
  for (DiskQueue::Kept& kept : disk_->load()) {
    const auto added = window_.restore(kept.id, std::move(kept.publication), kept.since);
    if (added.outdated != 0) disk_->erase(added.outdated);
  }
  if (window_.kept() == 0) return;
  log_.info("{} messages of the run before wait for the broker", window_.kept());
  trim();
}

std::optional<OutgoingQueue::Ticket> OutgoingQueue::add(Publication publication) {
  const bool cue = publication.offline == Offline::drop;
  auto added = window_.add(std::move(publication), timers_.clock().now());
  if (!added) {
    if (!std::exchange(too_many_cues_, true)) {
      log_.warn("The queue is full ({} messages wait): dropping what comes, first {}",
                options_.queue_limit, message_text(publication.message));
    }
    drop(std::move(publication));
    return std::nullopt;
  }
  if (!cue && disk_) keep(*added);
  dropped_if_outdated(std::move(added->removed));
  return added->ticket;
}

void OutgoingQueue::keep(const OutgoingWindow::Added& added) {
  disk_->add(added.ticket);
  if (added.outdated != 0) disk_->erase(added.outdated);
  if (!connected_) disk_->hurry();
}

void OutgoingQueue::dropped_if_outdated(std::optional<Publication> publication) {
  if (!publication) return;
  ++drops_.outdated;
  drop(std::move(*publication));
}

void OutgoingQueue::trim() {
  const uint64_t before = drops_.displaced;
  std::string too_large;
  while (auto oldest = window_.evict()) {
    ++drops_.displaced;
    if (!window_.fits(oldest->publication.message)) {
      too_large = message_text(oldest->publication.message);
    }
    forget(*oldest);
    drop(std::move(oldest->publication));
  }
  if (drops_.displaced == before) return;
  const SteadyTime now = timers_.clock().now();
  if (now < next_displaced_line_) return;
  next_displaced_line_ = now + kLinePeriod;
  if (!too_large.empty()) {
    log_.warn("Dropped {}: larger than all that may wait, see mqtt.queue_limit_mb", too_large);
    return;
  }
  log_.warn("The queue is full ({} messages, {} bytes): the oldest give way, {} so far",
            window_.kept(), window_.kept_bytes(), drops_.displaced);
}

std::optional<OutgoingWindow::Outgoing> OutgoingQueue::next() {
  drop_stale(timers_.clock().now());
  const auto outgoing = window_.next();
  if (!outgoing && window_.queued() < options_.queue_limit / 2) too_many_cues_ = false;
  return outgoing;
}

void OutgoingQueue::drop_stale(SteadyTime now) {
  Removed cues;
  const uint64_t before = drops_.expired;
  for (OutgoingWindow::Removed& stale : window_.take_stale(now)) {
    if (stale.publication.offline == Offline::drop) {
      cues.push_back(std::move(stale));
      continue;
    }
    ++drops_.expired;
    forget(stale);
    drop(std::move(stale.publication));
  }
  drop_all(std::move(cues), "it waited too long, and a late cue is worse than none");
  if (drops_.expired == before || now < next_expired_line_) return;
  next_expired_line_ = now + kLinePeriod;
  log_.warn("Queued messages are older than they may be: dropped, {} so far", drops_.expired);
}

std::optional<Publication> OutgoingQueue::take(Ticket ticket) {
  auto publication = window_.take(ticket);
  if (publication && disk_) disk_->erase(ticket);
  return publication;
}

void OutgoingQueue::refuse(Ticket ticket) {
  if (auto publication = take(ticket)) drop(std::move(*publication));
}

void OutgoingQueue::connected(size_t receive_maximum) {
  connected_ = true;
  window_.set_granted(receive_maximum);
  window_.begin_backlog();
  if (window_.kept() > 0) log_.info("{} queued messages are sent now", window_.kept());
}

void OutgoingQueue::connection_lost() {
  connected_ = false;
  take_back("the connection is lost, and a late cue is worse than none");
  trim();
  if (disk_) disk_->hurry();
}

void OutgoingQueue::take_back(std::string_view why) {
  Removed cues;
  for (OutgoingWindow::Removed& removed : window_.connection_lost()) {
    if (removed.publication.offline == Offline::drop) {
      cues.push_back(std::move(removed));
    } else {
      dropped_if_outdated(std::move(removed.publication));
    }
  }
  drop_all(std::move(cues), why);
}

void OutgoingQueue::close() {
  take_back("the link is closed");
  if (!disk_) {
    drop_all(window_.take_all(), "the link is closed");
  } else if (window_.kept() > 0) {
    log_.info("{} queued messages are kept for the next run", window_.kept());
  }
}

void OutgoingQueue::forget(const OutgoingWindow::Removed& removed) {
  if (disk_) disk_->erase(removed.ticket);
}

void OutgoingQueue::drop(Publication publication) {
  ++drops_.all;
  if (!publication.on_delivery) return;
  timers_.after(Duration::zero(), [done = std::move(publication.on_delivery)] { done(false); });
}

void OutgoingQueue::drop_all(Removed removed, std::string_view why) {
  for (size_t i = 0; i < removed.size(); ++i) {
    Publication& publication = removed[i].publication;
    if (i < kLinesPerDrop) log_.warn("Dropped {} ({})", message_text(publication.message), why);
    drop(std::move(publication));
  }
  if (removed.size() > kLinesPerDrop) {
    log_.warn("Dropped {} more messages", removed.size() - kLinesPerDrop);
  }
}

}  // namespace engine
