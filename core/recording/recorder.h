#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/bus/bus.h"
#include "core/recording/writer.h"

namespace engine {

// Writes down what arrives on a Bus for some topic filters, each message once however many of them
// it matches. Engine thread only.
class Recorder {
 public:
  // All of it outlives the recorder. `on_error` is called once, when the file cannot be written.
  Recorder(Bus& bus, const Clock& clock, RecordingWriter& writer,
           std::function<void(const Error&)> on_error);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Valid filters. With the broker's highest QoS, so that each message comes as it was sent.
  void start(const std::vector<std::string>& filters);
  // Writes the end.
  void finish();
  // What has come in so far is in the file.
  void flush();

  Duration elapsed() const { return clock_.now() - started_; }
  bool failed() const { return failed_; }

 private:
  void write(const Message& message);
  void check(const Result<void>& result);

  Bus& bus_;
  const Clock& clock_;
  RecordingWriter& writer_;
  const std::function<void(const Error&)> on_error_;
  SteadyTime started_{};
  Duration last_{};
  std::vector<std::string> filters_;
  std::vector<SubscriptionId> subscriptions_;
  bool failed_ = false;
};

}  // namespace engine
