#include "core/recording/recorder.h"

#include <algorithm>
#include <utility>

#include "core/bus/topic.h"

namespace engine {

Recorder::Recorder(Bus& bus, const Clock& clock, RecordingWriter& writer,
                   std::function<void(const Error&)> on_error)
    : bus_(bus), clock_(clock), writer_(writer), on_error_(std::move(on_error)) {}

Recorder::~Recorder() {
  for (const SubscriptionId id : subscriptions_) bus_.unsubscribe(id);
}

void Recorder::start(const std::vector<std::string>& filters) {
  started_ = clock_.now();
  filters_ = filters;
  check(writer_.begin({.started = clock_.wall(), .filters = filters}));
  for (size_t i = 0; i < filters_.size() && !failed_; ++i) {
    subscriptions_.push_back(bus_.subscribe(filters_[i], 2, [this, i](const Message& message) {
      const auto ours = filters_.begin() + static_cast<std::ptrdiff_t>(i);
      const bool by_earlier = std::any_of(filters_.begin(), ours, [&](const std::string& filter) {
        return topic::matches(filter, message.topic);
      });
      if (!by_earlier) write(message);
    }));
  }
}

void Recorder::write(const Message& message) {
  if (failed_) return;
  last_ = std::max(last_, message.received_at - started_);
  check(writer_.write({last_, message}));
}

void Recorder::flush() {
  if (!failed_) check(writer_.flush());
}

void Recorder::finish() {
  if (!failed_) check(writer_.end(std::max(last_, elapsed())));
}

void Recorder::check(const Result<void>& result) {
  if (result) return;
  failed_ = true;
  on_error_(result.error());
}

}  // namespace engine
