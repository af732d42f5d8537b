#pragma once

#include <spdlog/sinks/base_sink.h>

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace engine::web {

// Keeps the last log lines for whoever asks later. Any thread may use it.
class LogRing final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit LogRing(size_t lines = 1000);

  struct Lines {
    std::vector<std::string> lines;  // Each without its end; a traceback has several.
    uint64_t next = 0;               // For the next call.
    uint64_t missed = 0;             // Lines that have gone since.
  };
  // At most `most` lines from number `from` on.
  Lines from(uint64_t from, size_t most);
  // The number from which on `last` lines are kept.
  uint64_t back(size_t last);

 private:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}

  const size_t limit_;
  // Guarded by base_sink's mutex.
  std::deque<std::string> lines_;
  uint64_t first_ = 0;  // Number of lines_.front().
};

}  // namespace engine::web
