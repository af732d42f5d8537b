#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/logging.h"
#include "core/base/slot_map.h"
#include "core/base/timers.h"
#include "core/bus/message.h"
#include "core/feedback/feedback_rules.h"

namespace engine {

using FeedbackId = Handle;

enum class FeedbackResult { ok, error, timeout, abandoned };

struct FeedbackEvent {
  FeedbackResult result;
  std::string topic;    // The command's.
  std::string payload;  // The device's answer; empty on a timeout.
  Duration elapsed;
};

// Commands that wait for a device to confirm them (museum document, "Feedback tracking"). Logs the
// four lines of FACTS 1.2 to mqtt_feedback. Engine thread only.
class FeedbackTracker {
 public:
  using Done = std::function<void(const FeedbackEvent&)>;

  FeedbackTracker(Timers& timers, FeedbackRules rules, Logs& logs);
  ~FeedbackTracker();

  // Tracking is on while at least one owner (a running scene) is between `begin` and `end`. `end`
  // warns of each command of that owner that still waits, and abandons it.
  void begin(uint64_t owner);
  void end(uint64_t owner);

  // A command has been sent. Nothing is tracked, and nullopt returned, when its topic expects no
  // confirmation or `owner` is not between begin and end. `correlation` is the correlation data the
  // command carried (MQTT 5), or empty. `done` is called exactly once, from a timer, `handle` or
  // `end`.
  std::optional<FeedbackId> track(uint64_t owner, const std::string& topic,
                                  std::optional<Duration> timeout, const std::string& correlation,
                                  Done done);

  // A message that may be a confirmation. Correlation data decides if the device echoed it; else the
  // oldest command that waits on this topic. True when it settled one; a payload that is neither
  // success nor failure settles nothing.
  bool handle(const Message& message);

  // Whether some waiting command or some rule makes this a feedback topic (for routing).
  bool is_waiting_on(const std::string& topic) const;

  struct Pending {
    std::string topic;
    std::vector<std::string> feedback_topics;
    Duration waited;
    Duration timeout;
  };
  std::vector<Pending> pending() const;
  size_t pending_of(uint64_t owner) const;

  void set_rules(FeedbackRules rules);
  const FeedbackRules& rules() const;
};

}  // namespace engine
