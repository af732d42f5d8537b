#pragma once

#include <spdlog/logger.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace spdlog::details {
class thread_pool;
}

namespace engine {

// The program's loggers: mqtt mqtt_handler mqtt_feedback mqtt_devices script scene broker media
// store engine. A line reads `[INFO] mqtt_feedback - text`. Loggers live as long as this object;
// logging itself is safe from any thread, everything else is for the engine thread.
class Logs {
 public:
  // Writes to `sinks` from the calling thread: for tests.
  explicit Logs(std::vector<spdlog::sink_ptr> sinks);
  // Writes to `sinks` from a thread of its own.
  static std::unique_ptr<Logs> asynchronous(std::vector<spdlog::sink_ptr> sinks);
  // Writes out what is pending.
  ~Logs();
  Logs(const Logs&) = delete;
  Logs& operator=(const Logs&) = delete;

  // Made on first use, at the default level unless one was set for that name.
  spdlog::logger& get(std::string_view name);
  void set_default_level(spdlog::level::level_enum level);
  void set_level(std::string_view name, spdlog::level::level_enum level);
  void flush();

 private:
  Logs(std::vector<spdlog::sink_ptr> sinks, std::shared_ptr<spdlog::details::thread_pool> pool);
  spdlog::level::level_enum level_of(const std::string& name) const;

  // Constant after construction.
  const std::vector<spdlog::sink_ptr> sinks_;
  const std::shared_ptr<spdlog::details::thread_pool> pool_;
  // Engine thread only.
  std::map<std::string, std::shared_ptr<spdlog::logger>, std::less<>> loggers_;
  std::map<std::string, spdlog::level::level_enum, std::less<>> levels_;
  spdlog::level::level_enum default_level_ = spdlog::level::info;
};

// What precedes a line: nothing, `18:00:00.123`, or `2026-01-31 18:00:00.123`.
enum class LogTime { none, clock, date };

// `2026-01-31 18:00:00.123 [INFO] scene - text`. A sink that has colours gives them to the level;
// control characters in the text are shown as \xNN.
std::unique_ptr<spdlog::formatter> log_formatter(LogTime time);

}  // namespace engine
