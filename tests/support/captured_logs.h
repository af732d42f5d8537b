#pragma once

#include <spdlog/sinks/base_sink.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/logging.h"

namespace engine::test {

// Logs that keep their lines, formatted as `[INFO] name - text`, every level included.
class CapturedLogs {
 public:
  CapturedLogs() { logs_.set_default_level(spdlog::level::trace); }

  operator Logs&() { return logs_; }
  Logs& logs() { return logs_; }
  const std::vector<std::string>& lines() const { return sink_->lines; }
  bool has(const std::string& part) const { return count(part) > 0; }
  size_t count(const std::string& part) const {
    return static_cast<size_t>(std::count_if(
        sink_->lines.begin(), sink_->lines.end(),
        [&](const std::string& line) { return line.find(part) != std::string::npos; }));
  }
  void clear() { sink_->lines.clear(); }

 private:
  struct Sink final : spdlog::sinks::base_sink<std::mutex> {
    Sink() { set_formatter(log_formatter(LogTime::none)); }
    void sink_it_(const spdlog::details::log_msg& message) override {
      spdlog::memory_buf_t buffer;
      formatter_->format(message, buffer);
      std::string line(buffer.data(), buffer.size());
      while (!line.empty() && line.back() == '\n') line.pop_back();
      lines.push_back(std::move(line));
    }
    void flush_() override {}
    std::vector<std::string> lines;
  };

  std::shared_ptr<Sink> sink_ = std::make_shared<Sink>();
  Logs logs_{{sink_}};
};

}  // namespace engine::test
