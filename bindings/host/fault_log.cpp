#include "bindings/host/fault_log.h"

#include <fmt/format.h>

#include <utility>

namespace engine {
namespace {

constexpr Duration kQuiet = std::chrono::seconds{10};

// `room1.lua:3` of `room1.lua:3: attempt to ...`: the rest may differ from message to message.
std::string place_of(const std::string& message) { return message.substr(0, message.find(": ")); }

std::string key_of(const Fault& fault) {
  return fmt::format("{}\n{}\n{}", fault.script, fault.callback, place_of(fault.message));
}

std::string where(const Fault& fault) {
  return fmt::format("(in {}{}{})", fault.callback, fault.topic.empty() ? "" : ", topic ",
                     fault.topic);
}

}  // namespace

FaultLog::FaultLog(Timers& timers, Logs& logs, FaultLimit limit)
    : timers_(timers), log_(logs.get("script")), limit_(limit) {}

FaultLog::~FaultLog() {
  for (const auto& [key, place] : places_) timers_.cancel(place.rest);
}

bool FaultLog::add(const Fault& fault) {
  const Key key = key_of(fault);
  Place& place = note(key, fault);
  const SteadyTime now = timers_.clock().now();
  if (place.said && now - *place.said < kQuiet) {
    if (place.unsaid++ == 0) {
      place.rest = timers_.at(*place.said + kQuiet, [this, key] { say_the_rest(key); });
    }
  } else {
    place.said = now;
    log_.error("{} {}{}{}", fault.message, where(fault), fault.traceback.empty() ? "" : "\n",
               fault.traceback);
    on_told.emit(fault, 0);
  }
  ++totals_[fault.script];
  if (limit_.faults <= 0) return false;
  std::deque<SteadyTime>& recent = recent_[fault.script];
  recent.push_back(now);
  while (now - recent.front() > limit_.window) recent.pop_front();
  return recent.size() >= static_cast<size_t>(limit_.faults);
}

void FaultLog::pardon(const std::string& script) { recent_.erase(script); }

uint64_t FaultLog::total(const std::string& script) const {
  const auto found = totals_.find(script);
  return found == totals_.end() ? 0 : found->second;
}

FaultLog::Place& FaultLog::note(const Key& key, const Fault& fault) {
  const WallTime now = timers_.clock().wall();
  auto found = places_.find(key);
  if (found == places_.end()) {
    if (records_.size() == kMostRecords) drop_oldest();
    records_.emplace_back().first_at = now;
    found = places_.try_emplace(key).first;
    found->second.record = std::prev(records_.end());
  } else {
    records_.splice(records_.end(), records_, found->second.record);
  }
  Record& record = *found->second.record;
  record.last = fault;
  record.last_at = now;
  ++record.count;
  return found->second;
}

void FaultLog::drop_oldest() {
  const Key key = key_of(records_.front().last);
  say_the_rest(key);
  timers_.cancel(places_[key].rest);
  places_.erase(key);
  records_.pop_front();
}

void FaultLog::say_the_rest(const Key& key) {
  Place& place = places_[key];
  const uint64_t more = std::exchange(place.unsaid, 0);
  if (more == 0) return;
  const Fault& last = place.record->last;
  log_.error("... {} more of the same, the last: {} {}", more, last.message, where(last));
  place.said = timers_.clock().now();
  on_told.emit(Fault(last), more - 1);
}

}  // namespace engine
