#pragma once

#include <functional>
#include <list>
#include <string>

#include "core/recording/format.h"

namespace engine {

// Compares two streams of messages, both in the order of time, and tells the differences as lines
// for people:
//   - 12.345  room1/light = ON                    only before
//   + 12.345  room1/light = ON                    only now
//   ~ 12.345  room1/light = ON -> OFF             another payload, QoS or retain flag
//   ~ 12.345  room1/light = ON, 0.250 s later
class RecordingDiff {
 public:
  // Messages are the same if they are at most `tolerance` apart; one that is at most a second away
  // (or the tolerance, if that is more) is told as changed or moved.
  RecordingDiff(Duration tolerance, std::function<void(const std::string&)> on_difference);

  // What was there before has to be given ahead of what is there now: up to this much.
  Duration ahead() const { return window_; }
  void add_before(RecordedMessage recorded) { before_.push_back(std::move(recorded)); }
  void add_now(RecordedMessage recorded);
  // No message before this time is still to come.
  void pass(Duration time) { tell_until(time - window_); }
  void finish();

  size_t same() const { return same_; }
  size_t differences() const { return differences_; }

 private:
  using List = std::list<RecordedMessage>;
  void tell_until(Duration time);
  void tell_before();
  void tell_now();
  // What may have become of `recorded`: of the same topic and near, if it can be with the same
  // content.
  List::iterator counterpart(List& list, const RecordedMessage& recorded) const;
  void tell_pair(const RecordedMessage& before, const RecordedMessage& now);
  void tell(const std::string& line);

  const Duration tolerance_;
  const Duration window_;
  const std::function<void(const std::string&)> on_difference_;
  // Without a counterpart so far.
  List before_;
  List now_;
  size_t same_ = 0;
  size_t differences_ = 0;
};

// `room1/light = ON (qos 1, retained)`, on one line.
std::string describe(const Message& message);

}  // namespace engine
