#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/base/logging.h"
#include "core/base/signal.h"
#include "core/base/timers.h"
#include "core/bus/message.h"
#include "core/feedback/feedback_rules.h"

namespace engine {

enum class FeedbackResult { ok, error, timeout, abandoned };

struct FeedbackEvent {
  FeedbackResult result;
  std::string topic;    // The command's.
  std::string payload;  // The device's answer; empty when there was none.
  Duration elapsed;
};

// Commands that wait for a device to confirm them (museum document, "Feedback tracking"). Logs the
// four lines of FACTS 1.2 to mqtt_feedback.
//
// Without correlation data the tracker cannot know which command an answer is for: the oldest that
// waits on the topic is taken to be meant. So an answer that comes after its command's timeout
// confirms a newer command on the same feedback topic, if one waits. Devices that echo the
// correlation data of MQTT 5 do not have this problem. Engine thread only.
class FeedbackTracker {
 public:
  using Done = std::function<void(const FeedbackEvent&)>;

  FeedbackTracker(Timers& timers, FeedbackRules rules, Logs& logs);
  // Commands that still wait are forgotten; their `done` is not called.
  ~FeedbackTracker();
  FeedbackTracker(const FeedbackTracker&) = delete;
  FeedbackTracker& operator=(const FeedbackTracker&) = delete;

  // Tracking is on while at least one owner (a running scene) is between `begin` and `end`. `end`
  // warns of each command of that owner that still waits, and abandons it.
  void begin(uint64_t owner);
  void end(uint64_t owner);

  // To be called before a command is sent, so that the answer finds us subscribed: emits
  // `on_expect`. False when `track` would not track it.
  bool expect(uint64_t owner, const std::string& topic);
  // A command has been sent. Nothing is tracked, and false returned, when its topic expects no
  // confirmation or `owner` is not between begin and end. `correlation` is the correlation data the
  // command carried (MQTT 5), or empty. `done` is called exactly once, from a timer, `handle` or
  // `end`; it may call anything here.
  bool track(uint64_t owner, const std::string& topic, std::optional<Duration> timeout,
             const std::string& correlation, Done done);

  // A message on a feedback topic. Correlation data decides if the device echoed it, also that of a
  // command settled lately, which settles no other; else the oldest command that waits on this
  // topic. True when it settled one. A payload that is neither success nor failure settles nothing,
  // nor does a retained message: it answers something long past.
  bool handle(const Message& message);

  // Whether some command waits for an answer on this topic.
  bool is_waiting_on(const std::string& topic) const { return waiting_.count(topic) > 0; }

  struct Pending {
    std::string topic;
    std::vector<std::string> feedback_topics;
    Duration waited;
    Duration timeout;
  };
  // In the order of sending.
  std::vector<Pending> pending() const;
  size_t pending_of(uint64_t owner) const;

  // For commands sent from now on.
  void set_rules(FeedbackRules rules) { rules_ = std::move(rules); }
  const FeedbackRules& rules() const { return rules_; }

  // Confirmations may come on these topics from now on: those of one command.
  Signal<const std::vector<std::string>&> on_expect;

 private:
  using Sequence = uint64_t;  // Numbers commands in the order of their sending.
  struct Command {
    uint64_t owner;
    std::string topic;
    std::vector<std::string> feedback_topics;
    std::string correlation;
    SteadyTime sent_at;
    Duration timeout;
    TimerId timer;
    Done done;
  };

  std::optional<Sequence> meant_by(const Message& message) const;
  void settle(Sequence id, FeedbackResult result, std::string payload, SteadyTime at);
  Command take(Sequence id);
  void remember_settled(const std::string& correlation);
  void report(const Command& command, const FeedbackEvent& event);

  Timers& timers_;
  FeedbackRules rules_;
  spdlog::logger& log_;
  Sequence next_ = 1;
  std::map<Sequence, Command> commands_;
  // The rest are ways to find them: by owner (an entry for each that has begun), by feedback topic
  // (oldest first), by correlation data.
  std::map<uint64_t, std::set<Sequence>> owners_;
  std::unordered_map<std::string, std::set<Sequence>> waiting_;
  std::unordered_map<std::string, Sequence> correlated_;
  // Correlation data of the commands settled last, the oldest first.
  std::deque<std::string> settled_order_;
  std::unordered_set<std::string> settled_;
};

}  // namespace engine
