#pragma once

#include <filesystem>

#include "core/base/loop.h"
#include "core/config/config.h"
#include "core/web/api.h"
#include "core/web/server.h"

namespace engine {

// The API behind its listeners: the socket file, and what [web] names. Logs to `engine`.
class WebInterface {
 public:
  WebInterface(Loop& loop, Logs& logs, const Config& config, web::Api::Parts parts);

  // The show goes on without a listener that cannot be had; why is logged.
  void start(const std::filesystem::path& socket);

 private:
  const Config::Web& config_;
  spdlog::logger& log_;
  web::Api api_;
  web::Server server_;
};

}  // namespace engine
