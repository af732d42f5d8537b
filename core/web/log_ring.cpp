#include "core/web/log_ring.h"

#include <algorithm>

#include "core/base/logging.h"

namespace engine::web {
namespace {

constexpr size_t kLongestLine = 8192;

}  // namespace

LogRing::LogRing(size_t lines) : limit_(lines) { set_formatter(log_formatter(LogTime::date)); }

LogRing::Lines LogRing::from(uint64_t from, size_t most) {
  const std::lock_guard lock(mutex_);
  Lines result;
  const uint64_t begin = std::clamp(from, first_, first_ + lines_.size());
  const uint64_t end = std::min<uint64_t>(begin + most, first_ + lines_.size());
  result.missed = begin > from ? begin - from : 0;
  for (uint64_t number = begin; number < end; ++number) {
    result.lines.push_back(lines_[number - first_]);
  }
  result.next = end;
  return result;
}

uint64_t LogRing::back(size_t last) {
  const std::lock_guard lock(mutex_);
  return first_ + lines_.size() - std::min(last, lines_.size());
}

void LogRing::sink_it_(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t buffer;
  formatter_->format(message, buffer);
  std::string line(buffer.data(), std::min(buffer.size(), kLongestLine));
  while (!line.empty() && line.back() == '\n') line.pop_back();
  lines_.push_back(std::move(line));
  if (lines_.size() <= limit_) return;
  lines_.pop_front();
  ++first_;
}

}  // namespace engine::web
