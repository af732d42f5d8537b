#include "core/recording/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/utf8.h"

namespace engine {
namespace {

constexpr Duration kNear = std::chrono::seconds{1};

Duration apart(Duration a, Duration b) { return a < b ? b - a : a - b; }

bool same_content(const Message& a, const Message& b) {
  return a.topic == b.topic && a.payload == b.payload && a.qos == b.qos && a.retain == b.retain;
}

std::string content(const Message& message) {
  std::string text = printable(message.payload);
  if (message.qos == 0 && !message.retain) return text;
  text += message.qos == 0 ? " (retained" : fmt::format(" (qos {}", message.qos);
  if (message.qos != 0 && message.retain) text += ", retained";
  return text + ")";
}

std::string line(char sign, const RecordedMessage& recorded) {
  return fmt::format("{} {:.3f}  {}", sign, to_seconds(recorded.at), describe(recorded.message));
}

}  // namespace

std::string describe(const Message& message) {
  return fmt::format("{} = {}", printable(message.topic), content(message));
}

RecordingDiff::RecordingDiff(Duration tolerance,
                             std::function<void(const std::string&)> on_difference)
    : tolerance_(tolerance),
      window_(std::max(tolerance, kNear)),
      on_difference_(std::move(on_difference)) {}

void RecordingDiff::add_now(RecordedMessage recorded) {
  tell_until(recorded.at - window_);
  const auto same = std::find_if(before_.begin(), before_.end(), [&](const RecordedMessage& b) {
    return same_content(b.message, recorded.message) && apart(b.at, recorded.at) <= tolerance_;
  });
  if (same == before_.end()) {
    now_.push_back(std::move(recorded));
  } else {
    before_.erase(same);
    ++same_;
  }
}

void RecordingDiff::finish() { tell_until(Duration::max()); }

// In the order of time; what was there before comes first.
void RecordingDiff::tell_until(Duration time) {
  for (;;) {
    const bool before = !before_.empty() && before_.front().at < time;
    const bool now = !now_.empty() && now_.front().at < time;
    if (before && (!now || before_.front().at <= now_.front().at)) {
      tell_before();
    } else if (now) {
      tell_now();
    } else {
      return;
    }
  }
}

void RecordingDiff::tell_before() {
  const RecordedMessage gone = std::move(before_.front());
  before_.pop_front();
  const auto now = counterpart(now_, gone);
  if (now == now_.end()) return tell(line('-', gone));
  tell_pair(gone, *now);
  now_.erase(now);
}

void RecordingDiff::tell_now() {
  const RecordedMessage fresh = std::move(now_.front());
  now_.pop_front();
  const auto before = counterpart(before_, fresh);
  if (before == before_.end()) return tell(line('+', fresh));
  tell_pair(*before, fresh);
  before_.erase(before);
}

RecordingDiff::List::iterator RecordingDiff::counterpart(List& list,
                                                         const RecordedMessage& recorded) const {
  const auto near = [&](const RecordedMessage& other) {
    return other.message.topic == recorded.message.topic && apart(other.at, recorded.at) <= window_;
  };
  const auto moved = std::find_if(list.begin(), list.end(), [&](const RecordedMessage& other) {
    return near(other) && same_content(other.message, recorded.message);
  });
  return moved != list.end() ? moved : std::find_if(list.begin(), list.end(), near);
}

void RecordingDiff::tell_pair(const RecordedMessage& before, const RecordedMessage& now) {
  std::string text = line('~', before);
  if (!same_content(before.message, now.message)) text += " -> " + content(now.message);
  if (apart(before.at, now.at) > tolerance_) {
    text += fmt::format(", {:.3f} s {}", to_seconds(apart(before.at, now.at)),
                        now.at > before.at ? "later" : "earlier");
  }
  tell(text);
}

void RecordingDiff::tell(const std::string& text) {
  ++differences_;
  on_difference_(text);
}

}  // namespace engine
