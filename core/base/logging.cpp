#include "core/base/logging.h"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/pattern_formatter.h>

#include <algorithm>
#include <utility>

#include "core/base/utf8.h"

namespace engine {
namespace {

// Each place takes 400 bytes, from the start on.
constexpr size_t kWaitingLines = 512;

// spdlog's own %l writes `info`; our lines, like the museum document's, have `INFO`.
class UpperCaseLevel final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    static constexpr std::string_view kNames[] = {"TRACE", "DEBUG",    "INFO", "WARNING",
                                                  "ERROR", "CRITICAL", "OFF"};
    const std::string_view name = kNames[message.level];
    out.append(name.data(), name.data() + name.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<UpperCaseLevel>();
  }
};

// Names and payloads come from outside: what is logged must not steer a terminal, now or when the
// file is read. Line ends and tabs stay, for tracebacks.
class HarmlessText final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const std::string_view text(message.payload.data(), message.payload.size());
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find_first_of("\n\t", at), text.size());
      const std::string part = printable(text.substr(at, end - at), std::string::npos);
      out.append(part.data(), part.data() + part.size());
      if (end < text.size()) out.push_back(text[end]);
      at = end + 1;
    }
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<HarmlessText>();
  }
};

}  // namespace

Logs::Logs(std::vector<spdlog::sink_ptr> sinks) : Logs(std::move(sinks), nullptr) {}

Logs::Logs(std::vector<spdlog::sink_ptr> sinks, std::shared_ptr<spdlog::details::thread_pool> pool)
    : sinks_(std::move(sinks)), pool_(std::move(pool)) {}

std::unique_ptr<Logs> Logs::asynchronous(std::vector<spdlog::sink_ptr> sinks) {
  auto pool = std::make_shared<spdlog::details::thread_pool>(kWaitingLines, 1);
  return std::unique_ptr<Logs>(new Logs(std::move(sinks), std::move(pool)));
}

Logs::~Logs() { flush(); }

spdlog::logger& Logs::get(std::string_view name) {
  auto it = loggers_.find(name);
  if (it == loggers_.end()) {
    std::string key(name);
    std::shared_ptr<spdlog::logger> logger;
    if (pool_) {
      // A flood of lines must not stop the show: the oldest waiting ones give way.
      logger = std::make_shared<spdlog::async_logger>(
          key, sinks_.begin(), sinks_.end(), pool_, spdlog::async_overflow_policy::overrun_oldest);
    } else {
      logger = std::make_shared<spdlog::logger>(key, sinks_.begin(), sinks_.end());
    }
    logger->set_level(level_of(key));
    logger->flush_on(spdlog::level::warn);
    it = loggers_.emplace(std::move(key), std::move(logger)).first;
  }
  return *it->second;
}

void Logs::set_default_level(spdlog::level::level_enum level) {
  default_level_ = level;
  for (const auto& [name, logger] : loggers_) logger->set_level(level_of(name));
}

void Logs::set_level(std::string_view name, spdlog::level::level_enum level) {
  levels_[std::string(name)] = level;
  get(name).set_level(level);
}

void Logs::clear_levels() {
  levels_.clear();
  set_default_level(default_level_);
}

void Logs::flush() {
  for (const auto& [name, logger] : loggers_) logger->flush();
}

spdlog::level::level_enum Logs::level_of(const std::string& name) const {
  const auto it = levels_.find(name);
  return it == levels_.end() ? default_level_ : it->second;
}

std::unique_ptr<spdlog::formatter> log_formatter(LogTime time) {
  static constexpr const char* kTimes[] = {"", "%H:%M:%S.%e ", "%Y-%m-%d %H:%M:%S.%e "};
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<UpperCaseLevel>('*').add_flag<HarmlessText>('v');
  formatter->set_pattern(kTimes[static_cast<size_t>(time)] + std::string("%^[%*]%$ %n - %v"));
  return formatter;
}

}  // namespace engine
