#include "core/app/log_setup.h"

#include <fmt/format.h>
#include <spdlog/sinks/rotating_file_sink.h>

#include <system_error>
#include <utility>
#include <vector>

namespace engine {
namespace {

Result<spdlog::sink_ptr> open_file(const Config::Log& config) {
  std::error_code error;
  const auto folder = config.file.parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) {
    return fail(fmt::format("log.file: {}: its folder cannot be made: {}", config.file.string(),
                            error.message()));
  }
  try {
    // spdlog counts the full files only, we all of them.
    auto sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
        config.file.string(), static_cast<size_t>(config.max_size_mb) * 1'000'000,
        static_cast<size_t>(config.files - 1));
    sink->set_formatter(log_formatter(LogTime::date));
    return sink;
  } catch (const spdlog::spdlog_ex& e) {
    return fail(fmt::format("log.file: {}", e.what()));
  }
}

}  // namespace

Result<std::unique_ptr<Logs>> make_logs(const Config::Log& config,
                                        std::vector<spdlog::sink_ptr> sinks) {
  if (!config.file.empty()) {
    auto file = open_file(config);
    if (!file) return tl::unexpected(file.error());
    sinks.push_back(std::move(*file));
  }
  auto logs = Logs::asynchronous(std::move(sinks));
  set_levels(*logs, config);
  return logs;
}

void set_levels(Logs& logs, const Config::Log& config) {
  logs.clear_levels();
  logs.set_default_level(config.level);
  for (const auto& [name, level] : config.levels) logs.set_level(name, level);
}

}  // namespace engine
