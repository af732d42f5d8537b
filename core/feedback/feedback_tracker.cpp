#include "core/feedback/feedback_tracker.h"

#include <algorithm>
#include <utility>

#include "core/base/utf8.h"
#include "core/base/words.h"

namespace engine {
namespace {

// Enough for every command a scene sends within the time a device's late answer may take.
constexpr size_t kSettledRemembered = 1024;
// Far enough to mean never, and near enough to be added to a time.
constexpr Duration kLongestTimeout = std::chrono::hours{24 * 365};

}  // namespace

FeedbackTracker::FeedbackTracker(Timers& timers, FeedbackRules rules, Logs& logs)
    : timers_(timers), rules_(std::move(rules)), log_(logs.get("mqtt_feedback")) {}

FeedbackTracker::~FeedbackTracker() {
  for (const auto& [id, command] : commands_) timers_.cancel(command.timer);
}

void FeedbackTracker::begin(uint64_t owner) { owners_.try_emplace(owner); }

void FeedbackTracker::end(uint64_t owner) {
  const auto ended = owners_.extract(owner);  // First, so that nothing more is tracked for it.
  if (ended.empty()) return;
  const SteadyTime now = timers_.clock().now();
  for (const Sequence id : ended.mapped()) {
    // A callback of one before it may have settled it.
    if (commands_.count(id)) settle(id, FeedbackResult::abandoned, {}, now);
  }
}

bool FeedbackTracker::expect(uint64_t owner, const std::string& topic) {
  if (!owners_.count(owner)) return false;
  const auto topics = rules_.feedback_topics(topic);
  if (topics.empty()) return false;
  on_expect.emit(topics);
  return true;
}

bool FeedbackTracker::track(uint64_t owner, const std::string& topic,
                            std::optional<Duration> timeout, const std::string& correlation,
                            Done done) {
  const auto active = owners_.find(owner);
  if (active == owners_.end()) return false;
  auto topics = rules_.feedback_topics(topic);
  if (topics.empty()) return false;

  const Sequence id = next_++;
  active->second.insert(id);
  for (const std::string& feedback : topics) waiting_[feedback].insert(id);
  if (!correlation.empty()) correlated_[correlation] = id;
  log_.debug("📤 Sent: {} -> expecting feedback on: {}", topic, topics.front());
  const SteadyTime now = timers_.clock().now();
  const Duration limit =
      std::clamp(timeout.value_or(rules_.timeout), Duration::zero(), kLongestTimeout);
  const TimerId timer = timers_.at(
      now + limit, [this, id] { settle(id, FeedbackResult::timeout, {}, timers_.clock().now()); });
  commands_.emplace(id, Command{owner, topic, std::move(topics), correlation, now, limit, timer,
                                std::move(done)});
  return true;
}

bool FeedbackTracker::handle(const Message& message) {
  const auto verdict = rules_.verdict(message.payload);
  const auto id = verdict && !message.retain ? meant_by(message) : std::nullopt;
  if (!id) {
    if (log_.should_log(spdlog::level::debug)) {
      log_.debug("Unexpected feedback on {}: {}", printable(message.topic),
                 printable(message.payload));
    }
    return false;
  }
  settle(*id, *verdict ? FeedbackResult::ok : FeedbackResult::error, message.payload,
         message.received_at);
  return true;
}

std::optional<FeedbackTracker::Sequence> FeedbackTracker::meant_by(const Message& message) const {
  if (!message.correlation_data.empty()) {
    const auto echoed = correlated_.find(message.correlation_data);
    if (echoed != correlated_.end()) return echoed->second;
    if (settled_.count(message.correlation_data)) return {};
  }
  const auto oldest = waiting_.find(message.topic);
  if (oldest == waiting_.end()) return {};
  return *oldest->second.begin();
}

void FeedbackTracker::settle(Sequence id, FeedbackResult result, std::string payload,
                             SteadyTime at) {
  const Command command = take(id);
  // The network's own time of arrival, where the message has one.
  const SteadyTime now = timers_.clock().now();
  const SteadyTime settled_at = at > command.sent_at ? std::min(at, now) : now;
  const FeedbackEvent event{result, command.topic, std::move(payload),
                            settled_at - command.sent_at};
  report(command, event);
  if (command.done) command.done(event);
}

FeedbackTracker::Command FeedbackTracker::take(Sequence id) {
  Command command = std::move(commands_.extract(id).mapped());
  timers_.cancel(command.timer);
  const auto owner = owners_.find(command.owner);
  if (owner != owners_.end()) owner->second.erase(id);
  for (const std::string& topic : command.feedback_topics) {
    const auto waiting = waiting_.find(topic);
    waiting->second.erase(id);
    if (waiting->second.empty()) waiting_.erase(waiting);
  }
  if (!command.correlation.empty()) {
    const auto correlated = correlated_.find(command.correlation);
    if (correlated != correlated_.end() && correlated->second == id) correlated_.erase(correlated);
    remember_settled(command.correlation);
  }
  return command;
}

void FeedbackTracker::remember_settled(const std::string& correlation) {
  if (!settled_.insert(correlation).second) return;
  settled_order_.push_back(correlation);
  if (settled_order_.size() > kSettledRemembered) {
    settled_.erase(settled_order_.front());
    settled_order_.pop_front();
  }
}

void FeedbackTracker::report(const Command& command, const FeedbackEvent& event) {
  const std::string topic = printable(command.topic);
  switch (event.result) {
    case FeedbackResult::ok:
      log_.info("✅ Feedback OK: {} ({:.3f}s)", topic, to_seconds(event.elapsed));
      break;
    case FeedbackResult::error:
      log_.warn("❌ Feedback ERROR: {} -> '{}' ({:.3f}s)", topic, printable(trimmed(event.payload)),
                to_seconds(event.elapsed));
      break;
    case FeedbackResult::timeout:
      log_.warn("⏰ Feedback TIMEOUT: {} (>{:.3f}s)", topic, to_seconds(command.timeout));
      break;
    case FeedbackResult::abandoned:
      log_.warn("Scene ended with pending feedback: {}", topic);
      break;
  }
}

std::vector<FeedbackTracker::Pending> FeedbackTracker::pending() const {
  const SteadyTime now = timers_.clock().now();
  std::vector<Pending> result;
  for (const auto& [id, command] : commands_) {
    result.push_back(
        {command.topic, command.feedback_topics, now - command.sent_at, command.timeout});
  }
  return result;
}

size_t FeedbackTracker::pending_of(uint64_t owner) const {
  const auto found = owners_.find(owner);
  return found == owners_.end() ? 0 : found->second.size();
}

}  // namespace engine
