#include "core/base/logging.h"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/pattern_formatter.h>

#include <utility>

namespace engine {
namespace {

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

}  // namespace

Logs::Logs(std::vector<spdlog::sink_ptr> sinks) : Logs(std::move(sinks), nullptr) {}

Logs::Logs(std::vector<spdlog::sink_ptr> sinks, std::shared_ptr<spdlog::details::thread_pool> pool)
    : sinks_(std::move(sinks)), pool_(std::move(pool)) {}

std::unique_ptr<Logs> Logs::asynchronous(std::vector<spdlog::sink_ptr> sinks) {
  auto pool = std::make_shared<spdlog::details::thread_pool>(8192, 1);
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
  formatter->add_flag<UpperCaseLevel>('*');
  formatter->set_pattern(kTimes[static_cast<size_t>(time)] + std::string("%^[%*]%$ %n - %v"));
  return formatter;
}

}  // namespace engine
