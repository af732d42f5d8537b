#include "core/base/timers.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace engine {

bool Timers::later(const Entry& a, const Entry& b) {
  return a.when != b.when ? a.when > b.when : a.sequence > b.sequence;
}

TimerId Timers::at(SteadyTime when, Callback callback) {
  return add(when, Duration::zero(), std::move(callback));
}

TimerId Timers::after(Duration delay, Callback callback) {
  return add(clock_.now() + std::max(delay, Duration::zero()), Duration::zero(),
             std::move(callback));
}

TimerId Timers::every(Duration period, Callback callback) {
  return every(period, clock_.now() + period, std::move(callback));
}

TimerId Timers::every(Duration period, SteadyTime first, Callback callback) {
  return add(first, std::max(period, Duration{std::chrono::microseconds{1}}), std::move(callback));
}

bool Timers::cancel(TimerId id) {
  const bool was_active = timers_.remove(id).has_value();
  // Sweep when most of the heap is dead, so that timers which are always cancelled cost no memory.
  if (heap_.size() > 64 && heap_.size() > 2 * timers_.size()) {
    std::erase_if(heap_, [this](const Entry& e) { return !timers_.find(e.id); });
    std::make_heap(heap_.begin(), heap_.end(), later);
  }
  return was_active;
}

std::optional<SteadyTime> Timers::due(TimerId id) const {
  const Timer* timer = timers_.find(id);
  if (!timer) return std::nullopt;
  return timer->when;
}

std::optional<SteadyTime> Timers::next() {
  drop_cancelled();
  if (heap_.empty()) return std::nullopt;
  return heap_.front().when;
}

size_t Timers::run_due() {
  const SteadyTime now = clock_.now();
  const uint64_t first_new = next_sequence_;
  size_t fired = 0;
  std::vector<Entry> started_meanwhile;
  std::exception_ptr thrown;  // Rethrown at the end: one bad callback must not cost the others.
  for (drop_cancelled(); !heap_.empty() && heap_.front().when <= now; drop_cancelled()) {
    const Entry entry = pop();
    if (entry.sequence >= first_new) {
      started_meanwhile.push_back(entry);
      continue;
    }
    try {
      fire(entry);
    } catch (...) {
      if (!thrown) thrown = std::current_exception();
    }
    ++fired;
  }
  for (const Entry& entry : started_meanwhile) {
    heap_.push_back(entry);
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  if (thrown) std::rethrow_exception(thrown);
  return fired;
}

TimerId Timers::add(SteadyTime when, Duration period, Callback callback) {
  const TimerId id = timers_.add({when, period, std::move(callback)});
  push(when, id);
  return id;
}

void Timers::push(SteadyTime when, TimerId id) {
  heap_.push_back({when, next_sequence_++, id});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

Timers::Entry Timers::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), later);
  const Entry entry = heap_.back();
  heap_.pop_back();
  return entry;
}

void Timers::drop_cancelled() {
  while (!heap_.empty() && !timers_.find(heap_.front().id)) pop();
}

void Timers::fire(const Entry& entry) {
  Timer* timer = timers_.find(entry.id);
  if (timer->period == Duration::zero()) {
    const Callback callback = std::move(timers_.remove(entry.id)->callback);
    callback();
    return;
  }
  const Duration behind = clock_.now() - timer->when;
  timer->when += timer->period * (1 + behind / timer->period);
  push(timer->when, entry.id);
  const Callback callback = timer->callback;  // A copy: the callback may cancel its own timer.
  callback();
}

void advance(VirtualClock& clock, Timers& timers, Duration by) {
  const SteadyTime end = clock.now() + by;
  timers.run_due();
  for (auto next = timers.next(); next && *next <= end; next = timers.next()) {
    clock.set(std::max(*next, clock.now()));
    timers.run_due();
  }
  clock.set(end);
}

}  // namespace engine
