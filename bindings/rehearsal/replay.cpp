#include "bindings/rehearsal/replay.h"

#include <algorithm>
#include <utility>

#include "core/bus/topic.h"

namespace engine {
namespace {

Rehearsal::Options starting_at(Rehearsal::Options options, WallTime start) {
  options.start = start;
  return options;
}

bool any_matches(const std::vector<std::string>& filters, const std::string& topic) {
  return std::any_of(filters.begin(), filters.end(),
                     [&](const std::string& filter) { return topic::matches(filter, topic); });
}

}  // namespace

Replay::Replay(Logs& logs, ReplayOptions options, WallTime started)
    : inject_(std::move(options.inject)),
      except_(std::move(options.except)),
      rehearsal_(logs, starting_at(std::move(options.rehearsal), started)) {
  rehearsal_.bus.on_outgoing = [this](const Message& message) {
    ++published_;
    own_topics_.insert(message.topic);
    // Correlation data has the number of this run in it: two runs would differ.
    RecordedMessage recorded{elapsed(), message};
    recorded.message.correlation_data.clear();
    if (on_published) on_published(std::move(recorded));
  };
  rehearsal_.host.on_fault.connect([this](const Fault&) { ++faults_; });
}

void Replay::advance_to(Duration at) { rehearsal_.advance(std::max(at - elapsed(), Duration{})); }

Duration Replay::next_due(Duration limit) {
  const auto next = rehearsal_.timers.next();
  return next ? std::min(next->time_since_epoch(), limit) : limit;
}

void Replay::play(const RecordedMessage& recorded) {
  advance_to(recorded.at);
  if (!is_for_scripts(recorded.message.topic)) return;
  ++injected_;
  Message message = recorded.message;
  message.received_at = rehearsal_.clock.now();
  rehearsal_.bus.deliver(message);
}

bool Replay::is_for_scripts(const std::string& topic) const {
  if (any_matches(except_, topic)) return false;
  return inject_.empty() ? own_topics_.count(topic) == 0 : any_matches(inject_, topic);
}

}  // namespace engine
